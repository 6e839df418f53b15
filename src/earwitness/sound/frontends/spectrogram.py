"""From waveform to network input; each front end is a torch module and runs inside the model."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

MIN_POWER = 1e-10
"""Power that counts as silence in spectrograms in dB: amplitude 1e-5, under a step of 16 bits."""


class Waveform(nn.Module):
    """The waveform over its signed 95th percentile (Becker et al., released preprocessing).

    Shapes: `(batch, samples)` -> `(batch, 1, samples)`, without unit.
    """

    def __init__(self, quantile: float = 0.95, floor: float = 0.001) -> None:
        """`quantile` of the signed samples (not of their magnitude) plus `floor` divides them."""
        super().__init__()
        self.quantile = quantile
        self.floor = floor

    def forward(self, waves: Tensor) -> Tensor:
        """Waves `(batch, 1, samples)`, without unit, of `(batch, samples)`, scaled one by one."""
        level = torch.quantile(waves, self.quantile, dim=1, keepdim=True)
        return (waves / (level + self.floor)).unsqueeze(1)


class LevelSpectrogram(nn.Module, ABC):
    """A spectrogram in dB below the maximum of each clip; subclasses implement `power`.

    Shapes: `(batch, samples)` -> `(batch, 1, rows, frames)`: levels from `floor_db` to 0, to which
    `offset` is added, and the sum multiplied by `scale`, where a network trains better on centred
    input.
    """

    def __init__(self, floor_db: float, offset: float, scale: float) -> None:
        """`floor_db` and `offset` in dB."""
        super().__init__()
        self.floor_db = floor_db
        self.offset = offset
        self.scale = scale

    def forward(self, waves: Tensor) -> Tensor:
        """Scaled levels `(batch, 1, rows, frames)` of waves `(batch, samples)`."""
        level = decibels_below_maximum(self.power(waves), self.floor_db)
        return ((level + self.offset) * self.scale).unsqueeze(1)

    @abstractmethod
    def power(self, waves: Tensor) -> Tensor:
        """Squared magnitudes `(batch, rows, frames)` of waves `(batch, samples)`."""

    @property
    def silence(self) -> float:
        """Value of the network's input where the sound is at the floor."""
        return (self.floor_db + self.offset) * self.scale


class DecibelSpectrogram(LevelSpectrogram):
    """Hann spectrogram in dB below its maximum (Becker et al., released preprocessing).

    One second at 8 kHz gives 228 bins x 230 frames, of which bins 0-226 and frames 2-228 stay:
    227 x 227, a bin every 17.58 Hz, a frame every 4.375 ms, the first one centred at 8.75 ms.

    Shapes: `(batch, samples)` -> `(batch, 1, bins, frames)` in dB, from -80 to 0; `offset` is
    added and the sum multiplied by `scale` where a network trains better on centred input.
    """

    window: Tensor

    def __init__(
        self,
        window_length: int = 455,
        hop: int = 35,
        bins: int = 227,
        dropped_frames: tuple[int, int] = (2, 1),
        floor_db: float = -80.0,
        offset: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        """`window_length` and `hop` in samples; `dropped_frames` at the start and the end."""
        super().__init__(floor_db, offset, scale)
        self.register_buffer("window", torch.hann_window(window_length), persistent=False)
        self.hop = hop
        self.bins = bins
        self.dropped_frames = tuple(dropped_frames)

    def power(self, waves: Tensor) -> Tensor:
        """Squared magnitudes `(batch, bins, frames)` of waves `(batch, samples)`."""
        return self.stft(waves).abs().square()

    def stft(self, waves: Tensor) -> Tensor:
        """Complex spectrum `(batch, bins, frames)`, scaled by the window's sum as scipy does."""
        length = len(self.window)
        half = length // 2
        spectrum = torch.stft(
            nn.functional.pad(waves, (half, half + self._tail(waves.shape[1]))),
            n_fft=length,
            hop_length=self.hop,
            window=self.window,
            center=False,
            return_complex=True,
        )
        first, last = self.dropped_frames
        return spectrum[:, : self.bins, first : spectrum.shape[2] - last] / self.window.sum()

    def _tail(self, samples: int) -> int:
        """Number of zeros appended to fill the last window (scipy's `padded=True`)."""
        padded = samples + 2 * (len(self.window) // 2)
        return -(padded - len(self.window)) % self.hop

    def frequencies(self, rate: int) -> Tensor:
        """Centre frequency of each bin, in Hz, for waves at `rate` Hz."""
        return torch.arange(self.bins) * rate / len(self.window)

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for waves at `rate` Hz."""
        return (torch.arange(frames) + self.dropped_frames[0]) * self.hop / rate


class GammatoneSpectrogram(LevelSpectrogram):
    """Energy of a Gammatone filter bank in dB below its maximum: frequency as the cochlea has it.

    Filters of fourth order (Patterson et al., 1992), 1.019 ERB wide (Glasberg and Moore, 1990),
    their centres evenly spaced on the ERB-rate scale. Each is delayed so that the peak of its
    envelope falls on the middle of its frame.

    Shapes: `(batch, samples)` -> `(batch, 1, bands, frames)` in dB, from -80 to 0; `offset` is
    added and the sum multiplied by `scale`. A frame every `hop` samples, the first at 0 s.
    """

    filters: Tensor
    centres: Tensor

    def __init__(
        self,
        bands: int = 64,
        lowest_hz: float = 50.0,
        highest_hz: float = 3800.0,
        taps: int = 513,
        hop: int = 80,
        rate: int = 8000,
        floor_db: float = -80.0,
        offset: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        """`bands` filters between two centre frequencies, `taps` (odd) long, at `rate` Hz."""
        super().__init__(floor_db, offset, scale)
        centres = erb_spaced(lowest_hz, highest_hz, bands)
        filters = gammatone(centres, taps, rate)
        self.register_buffer("centres", centres.float(), persistent=False)
        self.register_buffer(
            "filters", torch.cat([filters.real, filters.imag]).float()[:, None], persistent=False
        )
        self.hop = hop

    def power(self, waves: Tensor) -> Tensor:
        """Squared envelopes `(batch, bands, frames)` of waves `(batch, samples)`."""
        half = self.filters.shape[-1] // 2
        parts = nn.functional.conv1d(waves[:, None], self.filters, stride=self.hop, padding=half)
        real, imaginary = parts.chunk(2, dim=1)
        return real.square() + imaginary.square()

    def frequencies(self, _: int) -> Tensor:
        """Centre frequency of each band, in Hz."""
        return self.centres

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for waves at `rate` Hz."""
        return torch.arange(frames) * self.hop / rate


def erb_spaced(lowest_hz: float, highest_hz: float, count: int) -> Tensor:
    """Frequencies `(count,)` in Hz, evenly spaced on the ERB-rate scale (Glasberg and Moore)."""
    ends = torch.tensor([lowest_hz, highest_hz], dtype=torch.float64)
    first, last = (1 + 0.00437 * ends).log().tolist()
    return (torch.linspace(first, last, count, dtype=torch.float64).exp() - 1) / 0.00437


def gammatone(centres: Tensor, taps: int, rate: int) -> Tensor:
    """Complex impulse responses of Gammatone filters, time-reversed as convolution layers need.

    A sine at a filter's centre frequency comes out with an amplitude of 1, except in bands so near
    to half the rate that they pass its alias, too. Each envelope peaks at the middle tap.

    Args:
        centres: `(filters,)`, in Hz.
        taps: length of a filter, in samples.
        rate: in Hz.

    Returns:
        complex128 `(filters, taps)`.
    """
    width = 2 * torch.pi * 1.019 * 24.7 * (1 + 0.00437 * centres[:, None])
    after_peak = (torch.arange(taps, dtype=torch.float64) - taps // 2) / rate
    time = (after_peak + 3 / width).clamp(min=0)
    envelope = time**3 * torch.exp(-width * time)
    envelope = 2 * envelope / envelope.sum(dim=1, keepdim=True)
    phase = 2 * torch.pi * centres[:, None] * after_peak
    return torch.polar(envelope, phase).flip(1)


def decibels_below_maximum(power: Tensor, floor_db: float) -> Tensor:
    """Powers `(batch, rows, columns)` in dB below the maximum of each clip, at least `floor_db`."""
    loudest = power.amax(dim=(1, 2), keepdim=True)
    level = 10 * (_log_power(power) - _log_power(loudest))
    # All cells of silence equal its maximum and would be 0 dB: they are set to the floor.
    return level.clamp(min=floor_db).where(loudest > MIN_POWER, floor_db)


def _log_power(power: Tensor) -> Tensor:
    """Decimal logarithm of powers `(...)`, floored at `MIN_POWER`."""
    return power.clamp(min=MIN_POWER).log10()
