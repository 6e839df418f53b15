"""Separation into harmonic, percussive and residual sound, by median filters."""

from dataclasses import dataclass
from typing import ClassVar

import librosa
import torch
from torch import Tensor

from earwitness.explain.components.base import require_wave
from earwitness.files import text_hash
from earwitness.models.separation.protocol import pad_to


@dataclass(frozen=True)
class HarmonicPercussive:
    """Harmonic, percussive and residual sound (Driedger et al. 2014), by librosa.

    Attributes:
        margin: factor by which one of harmonic and percussive energy must exceed the other for a
            bin to count as it; above 1, the remaining bins are the residual.
        frame: length of a frame of the spectrogram, in samples.
    """

    margin: float = 2.0
    frame: int = 2048

    names: ClassVar[tuple[str, ...]] = ("harmonic", "percussive", "residual")

    @property
    def key(self) -> str:
        """Hash of the settings."""
        return text_hash(repr(self))

    def __call__(self, wave: Tensor, rate: int) -> Tensor:
        """Split `wave` `(samples,)` at `rate` Hz into its three sources `(3, samples)`.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite.
        """
        require_wave(wave)
        padded = pad_to(wave.float(), self.frame)
        pair = librosa.effects.hpss(padded.numpy(), margin=self.margin, n_fft=self.frame)
        sources = torch.stack([torch.from_numpy(part) for part in pair])[:, : len(wave)]
        return torch.cat([sources, wave - sources.sum(0, keepdim=True)])
