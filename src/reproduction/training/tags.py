"""Taggers: networks that say of each of several tags whether it applies."""

import warnings

from torch import Tensor, nn
from torchmetrics.functional.classification import multilabel_auroc

from reproduction.training.networks import NetworkLearner, NetworkTask

# A tag that no validation song has, or all, counts as zero.
warnings.filterwarnings("ignore", ".*No (positive|negative) samples in targets.*")


class TaggerTask(NetworkTask):
    """A network that learns tags: labels are float32 `(batch, tags)`, 1 where a tag applies."""

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Binary cross-entropy `()` of waves `(batch, samples)`, averaged over songs and tags."""
        waves, tags = batch
        loss = nn.functional.binary_cross_entropy_with_logits(self(waves), tags)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log the mean area under the ROC curve of tags for waves `(batch, samples)`."""
        waves, tags = batch
        score = multilabel_auroc(self(waves), tags.int(), self.classes)
        self.log("validate/auroc", score, batch_size=len(tags))

    def probabilities(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Probability of each tag `(batch, tags)` for waves `(batch, samples)`."""
        return self.logits(waves, batch_size).sigmoid()


class TaggerLearner(NetworkLearner):
    """A tagger to be trained: what `conf/model/samplecnn.yaml` and `musicnn.yaml` describe."""

    task_type = TaggerTask
