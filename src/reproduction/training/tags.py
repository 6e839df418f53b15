"""Networks that tag: any number of classes at once, each by itself."""

import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics.functional.classification import multilabel_auroc

from reproduction.training.networks import NetworkLearner, NetworkTask, Task

# A tag that no validation song has, or all, counts as zero.
warnings.filterwarnings("ignore", ".*No (positive|negative) samples in targets.*")


class TaggerTask(NetworkTask):
    """A network that learns tags: labels are float32 `(batch, tags)`, 1 where a tag is present."""

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Binary cross-entropy of a batch, averaged over songs and tags."""
        waves, tags = batch
        loss = nn.functional.binary_cross_entropy_with_logits(self(waves), tags)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log the mean area under the ROC curve on the validation songs."""
        waves, tags = batch
        score = multilabel_auroc(self(waves), tags.int(), self.task.classes)
        self.log("validate/auroc", score, batch_size=len(tags))

    def probabilities(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Probability of each tag `(batch, tags)` for waves `(batch, samples)`."""
        return self.logits(waves, batch_size).sigmoid()


class TaggerLearner(NetworkLearner):
    """A tagger to be trained: what `conf/model/samplecnn.yaml` and `musicnn.yaml` describe."""

    def module(self, task: Task) -> TaggerTask:
        """The untrained tagger for `task`, its weights drawn from the task's seed."""
        torch.manual_seed(task.seed)
        network: Any = self.network(classes=task.classes)
        return TaggerTask(self.frontend, network, task, self.schedule)
