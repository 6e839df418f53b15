from pathlib import Path

import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from reproduction import config
from reproduction.training.clips import Clips
from reproduction.training.networks import Task
from reproduction.training.tags import TaggerLearner

TASK = Task(classes=2, steps=60, seed=0)


def clips(count: int, seed: int) -> Clips:
    """Noise with a low tone, a high one, both or neither."""
    random = torch.Generator().manual_seed(seed)
    tags = torch.randint(2, (count, 2), generator=random).float()
    time = torch.arange(400) / 400
    tones = torch.stack([torch.sin(2 * torch.pi * hz * time) for hz in (10, 90)])
    waves = tags @ tones + 0.3 * torch.randn(count, 400, generator=random)
    return Clips(list(waves), tags, 400)


def spectrum(classes: int) -> nn.Module:
    """Magnitudes, and one linear layer."""

    class Spectrum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(201, classes)

        def forward(self, waves: Tensor) -> Tensor:
            logits: Tensor = self.layer(torch.fft.rfft(waves).abs() / 20)
            return logits

    return Spectrum()


@pytest.fixture(scope="module")
def learner() -> TaggerLearner:
    """The shipped schedule around a quick network."""
    composed = config.compose(["+model@extra=samplecnn"]).extra
    built: TaggerLearner = config.build(composed)
    return TaggerLearner(built.frontend, spectrum, built.schedule, built.trainer)


def test_tags_are_learnt_each_by_itself(learner: TaggerLearner, tmp_path: Path) -> None:
    """On sounds outside the training; the tagger loaded from `folder` predicts the same."""
    trained = learner.fit(clips(96, 0), clips(16, 1), TASK, tmp_path)
    test = clips(64, 2)
    waves = torch.stack(list(test.waves))
    predicted = trained.probabilities(waves)
    assert predicted.shape == (64, 2)
    for tag in range(2):
        assert roc_auc_score(test.labels[:, tag], predicted[:, tag]) > 0.95
    # Tags are no alternatives: both, or neither, may be there.
    assert float((predicted.sum(1) - 1).abs().max()) > 0.2
    again = learner.load(TASK, tmp_path)
    torch.testing.assert_close(again.probabilities(waves), predicted)


def test_the_loss_is_torchs(learner: TaggerLearner) -> None:
    """Binary cross-entropy, averaged over clips and tags."""
    module = learner.module(TASK)
    batch = clips(8, 0)
    waves = torch.stack(list(batch.waves))
    expected = nn.functional.binary_cross_entropy(module(waves).sigmoid(), batch.labels)
    torch.testing.assert_close(module.training_step((waves, batch.labels), 0), expected)


def test_validation_logs_the_mean_area_under_the_curve(learner: TaggerLearner) -> None:
    """As scikit-learn has it."""
    module, batch = learner.module(TASK), clips(40, 3)
    waves = torch.stack(list(batch.waves))
    logged: dict[str, float] = {}
    module.log = lambda name, value, **_: logged.update({name: float(value)})  # type: ignore[method-assign]
    with torch.no_grad():
        module.validation_step((waves, batch.labels), 0)
        expected = roc_auc_score(batch.labels, module(waves))
    assert logged["validate/auroc"] == pytest.approx(expected, abs=1e-6)
