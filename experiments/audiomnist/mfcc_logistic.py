"""A simple classifier to compare networks with: MFCC statistics and logistic regression."""

from dataclasses import dataclass
from pathlib import Path

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torchaudio.transforms import MFCC, ComputeDeltas

from earwitness.randomness import generator
from earwitness.sound.audio import RATE
from reproduction.training.clips import Clips
from reproduction.training.networks import Task


@dataclass(frozen=True)
class MfccLogistic:
    """Mean and standard deviation over time of MFCCs and their deltas, then a linear classifier.

    Attributes:
        coefficients: number of MFCCs.
        strength: inverse of the L2 penalty (scikit-learn's `C`).
    """

    coefficients: int = 20
    strength: float = 1.0

    def fit(self, train: Clips, validate: Clips, task: Task, folder: Path) -> "FittedMfccLogistic":
        """Fit on clips placed once; fitting takes seconds, so nothing is left in `folder`."""
        waves = torch.stack([*train.placed(generator(task.seed, 1)).waves])
        pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(C=self.strength, max_iter=2000)
        )
        pipeline.fit(self.features(waves).numpy(), train.labels.numpy())
        return FittedMfccLogistic(self, pipeline)

    def features(self, waves: Tensor) -> Tensor:
        """Waves `(batch, samples)` at 8 kHz -> features `(batch, 4 * coefficients)`."""
        # Clips are channels, because its range of 80 dB is below the maximum of each channel.
        mfcc = MFCC(
            RATE, self.coefficients, melkwargs={"n_fft": 256, "hop_length": 80, "n_mels": 40}
        )(waves[:, None])[:, 0]
        tracks = torch.cat([mfcc, ComputeDeltas()(mfcc)], dim=1)
        return torch.cat([tracks.mean(dim=2), tracks.std(dim=2)], dim=1)


@dataclass(frozen=True)
class FittedMfccLogistic:
    """A fitted `MfccLogistic`."""

    learner: MfccLogistic
    pipeline: Pipeline

    def probabilities(self, waves: Tensor) -> Tensor:
        """Waves `(batch, samples)` -> class probabilities `(batch, classes)`."""
        return torch.from_numpy(self.pipeline.predict_proba(self.learner.features(waves).numpy()))
