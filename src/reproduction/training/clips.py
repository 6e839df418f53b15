"""Labelled recordings of one length, in batches whose order is the seed's alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from earwitness.sound.audio import random_crop_or_pad
from reproduction.training.batches import EpochBatches


@dataclass(frozen=True)
class Clips:
    """Recordings with the class of each.

    Attributes:
        waves: float32 `(samples,)` each, of any length; `(rows, samples)` where more than sound
            is known at each sample.
        labels: int64 `(len(waves),)`.
        length: samples that a model is given of each.
        weights: how often each is drawn for training `(len(waves),)`; None for once an epoch.
    """

    waves: Sequence[Tensor]
    labels: Tensor
    length: int
    weights: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self.waves)

    def placed(self, random: torch.Generator) -> "Clips":
        """The same clips of `(length,)`, each at its random offset (Becker et al., as released)."""
        return replace(
            self, waves=[random_crop_or_pad(wave, self.length, random) for wave in self.waves]
        )

    def batch(
        self, rows: Tensor, random: torch.Generator, perturbation: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Waves `(rows, length)`, placed at random unless they fit already, and labels `(rows,)`.

        Each wave is `perturbed` first.
        """
        waves = (perturbed(self.waves[row], perturbation, random) for row in rows.tolist())
        return torch.stack(
            [random_crop_or_pad(w, self.length, random) for w in waves]
        ), self.labels[rows]


def perturbed(wave: Tensor, perturbation: float, random: torch.Generator) -> Tensor:
    """Turn `(samples,)` over at random and play it up to `perturbation` (a share) off its speed.

    Pitch and formants move with the speed (linear interpolation), which makes new speakers, as
    Ko et al. (2015) do; polarity is inaudible. 0 leaves the wave as it is.
    """
    if not perturbation:
        return wave
    drawn, turned = torch.rand(2, generator=random).tolist()
    samples = max(1, round(len(wave) * (1 + perturbation * (2 * drawn - 1))))
    stretched = nn.functional.interpolate(wave[None, None], size=samples, mode="linear")[0, 0]
    return -stretched if turned < 0.5 else stretched


@dataclass(frozen=True)
class ClipBatches(EpochBatches[Clips]):
    """One epoch over clips: waves `(size, ..., length)` and labels `(size,)`.

    Attributes:
        perturbation: largest change of speed, a share; see `perturbed`.
    """

    perturbation: float = 0.0
    kind = "clips"

    def order(self, random: torch.Generator) -> Tensor:
        """Row numbers of the clips, int64 `(clips,)`; drawn by weight in training if there is any.

        A clip may then be drawn several times or never.
        """
        if not self.shuffled or self.items.weights is None:
            return super().order(random)
        weights = self.items.weights
        return torch.multinomial(weights, len(self.items), replacement=True, generator=random)

    def batch(self, rows: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Waves `(rows, ..., length)` and labels `(rows,)`."""
        return self.items.batch(rows, random, self.perturbation)
