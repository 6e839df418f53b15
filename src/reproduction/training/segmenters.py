"""Segmenters of heart sounds: networks trained to predict the state of every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from earwitness.models.inference import outputs_in_batches
from reproduction.training.clips import Clips
from reproduction.training.networks import NetworkLearner, NetworkTask, Task

IGNORED = -100
"""Target of frames whose state is unknown (cross-entropy's `ignore_index`)."""


class SegmenterTask(NetworkTask):
    """Front end, network and the cross-entropy of every frame.

    Shapes: segmented sounds `(batch, 2, samples)` -> logits `(batch, states, frames)`.
    """

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Cross-entropy `()` of the frames of `(batch, 2, samples)` whose state is known."""
        waves, _labels = batch
        logits = self(waves)
        states = targets(waves[:, 1], self.hop, logits.shape[-1])
        loss = nn.functional.cross_entropy(logits, states, ignore_index=IGNORED)
        self.log("train/loss", loss)
        return loss

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        hop: int = self.frontend.hop  # type: ignore[assignment]
        return hop

    def posteriors(self, wave: Tensor) -> np.ndarray:
        """Probabilities of the states `(states, frames)` in a sound `(samples,)`, float64."""
        self.eval()
        unknown = torch.zeros_like(wave)
        logits = outputs_in_batches(self, torch.stack([wave, unknown])[None], 1)
        return logits[0].double().softmax(dim=0).numpy()


def targets(tracks: Tensor, hop: int, frames: int) -> Tensor:
    """The state at the centre of each frame, `hop` samples apart, of tracks `(batch, samples)`.

    Returns:
        int64 `(batch, frames)`, counted from 0; `IGNORED` where it is unknown.
    """
    centres = tracks[:, ::hop][:, :frames].long()
    return torch.where(centres > 0, centres - 1, IGNORED)


@dataclass(frozen=True)
class SegmenterLearner(NetworkLearner):
    """A segmenter to be trained: a `NetworkLearner` whose labels are the clips' tracks.

    Attributes:
        length: samples of each clip that it is trained on.
    """

    length: int = 10_000
    task_type = SegmenterTask

    def fit(self, train: Clips, validate: Clips, task: Task, folder: Path) -> SegmenterTask:
        """Train on `clips`; see `NetworkLearner.fit`."""
        return cast(SegmenterTask, super().fit(train, validate, task, folder))

    def load(self, task: Task, folder: Path) -> SegmenterTask:
        """The segmenter that `fit` left in `folder`; see `NetworkLearner.load`."""
        return cast(SegmenterTask, super().load(task, folder))

    def clips(self, sounds: Sequence[Tensor], tracks: Sequence[Tensor]) -> Clips:
        """Clips to train on: each sound `(samples,)` with its track of states `(samples,)`."""
        waves = [torch.stack([s, t.to(s)]) for s, t in zip(sounds, tracks, strict=True)]
        return Clips(waves, torch.zeros(len(waves), dtype=torch.int64), self.length)
