"""Front ends of segmented heart sounds `(batch, 2, samples)`: amplitude and track of states.

The track holds at each sample the number of the state, from 1 in the order of
`sound.heart_cycle.STATES`; 0 is unknown. Frames are `hop` samples apart, the first at 0 s.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from scipy.signal import firwin
from torch import Tensor, nn
from torchaudio.functional import create_dct
from torchaudio.transforms import MFCC, MelSpectrogram

from earwitness.sound.heart_cycle import STATES

MIN_STD = 1e-8
"""Standard deviation below which a sound counts as silence: less than a step of 16 bits."""
FLOOR = 1e-4
"""Offset of the mel energies of a sound of unit variance before the logarithm."""


class LogMel(nn.Module):
    """Logarithm of mel energies of the sound, each clip first scaled to unit variance.

    Shapes: `(batch, 2, samples)` -> `(batch, bands, frames)`, each band minus its mean over time.
    """

    def __init__(
        self,
        bands: int = 32,
        rate: int = 1000,
        window: int = 64,
        n_fft: int = 128,
        hop: int = 20,
        lowest_hz: float = 20.0,
        highest_hz: float = 450.0,
    ) -> None:
        """`window`, `n_fft` and `hop` in samples at `rate` Hz."""
        super().__init__()
        self.hop = hop
        self.mel = MelSpectrogram(
            rate, n_fft, window, hop, lowest_hz, highest_hz, n_mels=bands, pad_mode="constant"
        )

    def forward(self, waves: Tensor) -> Tensor:
        """Log-energies `(batch, bands, frames)` of segmented sounds `(batch, 2, samples)`."""
        sound = waves[:, 0]
        scaled = sound / sound.std(dim=1, keepdim=True).clamp(min=MIN_STD)
        energies: Tensor = self.mel(scaled)[..., : sound.shape[1] // self.hop]
        levels = (energies + FLOOR).log()
        return levels - levels.mean(dim=2, keepdim=True)

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for sounds at `rate` Hz."""
        return torch.arange(frames) * self.hop / rate


class SegmentedCepstra(nn.Module):
    """MFCCs of the sound and an indicator (0 or 1) of each state, for networks with segmentation.

    MFCCs are computed from `LogMel`, so zero is the mean of the clip; they are divided by their
    common standard deviation, which keeps their proportions.

    Shapes: `(batch, 2, samples)` -> `(batch, coefficients + 4, frames)`, MFCCs first, without
    unit; only the other rows without `states` or with no coefficients.
    """

    basis: Tensor

    def __init__(
        self, coefficients: int = 20, states: bool = True, mel: LogMel | None = None
    ) -> None:
        """`coefficients` MFCCs of `mel`'s bands."""
        super().__init__()
        self.mel = LogMel() if mel is None else mel
        self.coefficients = coefficients
        self.states = states
        bands = self.mel.mel.n_mels
        basis = create_dct(coefficients, bands, "ortho") if coefficients else torch.empty(bands, 0)
        self.register_buffer("basis", basis, persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        """MFCCs and indicators `(batch, rows, frames)` of sounds `(batch, 2, samples)`."""
        parts = [self.cepstra(waves)] if self.coefficients else []
        return torch.cat([*parts, self.indicators(waves)] if self.states else parts, dim=1)

    def cepstra(self, waves: Tensor) -> Tensor:
        """MFCCs `(batch, coefficients, frames)`, without unit, of `(batch, 2, samples)`."""
        coefficients = self.basis.T @ self.mel(waves)
        spread = coefficients.std(dim=(1, 2), keepdim=True).clamp(min=MIN_STD)
        return coefficients / spread

    def indicators(self, waves: Tensor) -> Tensor:
        """Indicators `(batch, 4, frames)`, one row a state: 1 in frames whose centre is in it."""
        hop = self.mel.hop
        track = waves[:, 1, : waves.shape[2] // hop * hop : hop]
        numbers = torch.arange(1, len(STATES) + 1).to(track)
        return (track[:, None] == numbers[:, None]).to(waves.dtype)

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for sounds at `rate` Hz."""
        return self.mel.times(frames, rate)


class RubinHeatMap(nn.Module):
    """The heat map of Rubin et al. (2016): the first six of thirteen MFCCs of three seconds.

    Window 25 ms, step 10 ms; a clip of 3 s gives 300 frames. Each map is standardised as a whole,
    which the paper does not mention: without it, classes follow the level of a recording.

    Shapes: `(batch, 2, samples)` -> `(batch, 1, 6, frames)`.
    """

    def __init__(self, rate: int = 1000, kept: int = 6) -> None:
        """Keep the first `kept` coefficients."""
        super().__init__()
        self.kept = kept
        self.hop = rate // 100
        melkwargs: dict[str, Any] = {
            "n_fft": 64,
            "win_length": rate // 40,
            "hop_length": self.hop,
            "n_mels": 20,
            "pad_mode": "constant",
        }
        self.mfcc = MFCC(rate, n_mfcc=13, log_mels=True, melkwargs=melkwargs)

    def forward(self, waves: Tensor) -> Tensor:
        """Standardised MFCCs `(batch, 1, 6, frames)` of segmented sounds `(batch, 2, samples)`."""
        sound = waves[:, 0]
        scaled = sound / sound.std(dim=1, keepdim=True).clamp(min=MIN_STD)
        frames = sound.shape[1] // self.hop
        maps: Tensor = self.mfcc(scaled)[:, None, : self.kept, :frames]
        spread = maps.std(dim=(2, 3), keepdim=True).clamp(min=MIN_STD)
        return (maps - maps.mean(dim=(2, 3), keepdim=True)) / spread

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for sounds at `rate` Hz."""
        return torch.arange(frames) * self.hop / rate


class PotesBands(nn.Module):
    """The four frequency bands of Potes et al. (2016) of one cardiac cycle.

    25-45, 45-80, 80-200 and 200-400 Hz, by linear-phase filters.

    Shapes: `(batch, 2, samples)` -> `(batch, 4, samples)`, each clip of unit variance before.
    """

    filters: Tensor

    def __init__(self, rate: int = 1000, taps: int = 61) -> None:
        """Filters of `taps` (odd) samples at `rate` Hz."""
        super().__init__()
        edges = (25, 45, 80, 200, 400)
        filters = [firwin(taps, band, pass_zero=False, fs=rate) for band in pairwise(edges)]
        stacked = torch.from_numpy(np.stack(filters)).float()[:, None]
        self.register_buffer("filters", stacked, persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        """Band-pass signals `(batch, 4, samples)` of segmented sounds `(batch, 2, samples)`."""
        sound = waves[:, :1]
        scaled = sound / sound.std(dim=2, keepdim=True).clamp(min=MIN_STD)
        return nn.functional.conv1d(scaled, self.filters, padding="same")
