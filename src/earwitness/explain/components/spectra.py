"""Components of a wave's short-time spectrum (SLIME; Mishra, Sturm and Dixon, ISMIR 2017).

A component that is off has no magnitude there; the others keep their phase, and the inverse
transform makes the wave that the front end hears. The transform is linear, so each component is
a wave of its own. With everything on, the wave is as it was.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.components.base import sections
from earwitness.explain.components.waves import WaveDivider, time_axis
from earwitness.explain.explanation import Axis


@dataclass(frozen=True, eq=False)
class FrequencyBands(WaveDivider):
    """`count` bands of frequency, equally wide in Hz.

    `n_fft` is the length of a frame in samples; a quarter of it is the hop.
    """

    count: int
    n_fft: int = 2048

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave in each band, `(count, samples)`, the lowest first."""
        return _cells(sounds[0], self.count, 1, self.n_fft)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The middle of each band."""
        return (_frequency_axis(self.count, rate),)


@dataclass(frozen=True, eq=False)
class BandsXSegments(WaveDivider):
    """Each band of frequency, equally wide in Hz, during each of equally long segments of frames.

    The published setting is 5 bands, 10 segments (9 for SampleCNN) and the default `n_fft`, the
    length of a frame in samples; a quarter of it is the hop.
    """

    bands: int
    segments: int
    n_fft: int = 2048

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave in each band during each segment, `(bands * segments, samples)`.

        All segments of the lowest band come first.
        """
        return _cells(sounds[0], self.bands, self.segments, self.n_fft)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """Frequency by time."""
        return _frequency_axis(self.bands, rate), time_axis(self.segments, rate, samples)


def _cells(wave: Tensor, bands: int, segments: int, n_fft: int) -> Tensor:
    """The wave `(samples,)` in each cell of the spectrum, `(bands * segments, samples)`."""
    if n_fft < 4 or n_fft % 4:
        raise InputError(f"n_fft={n_fft}: choose a multiple of 4; a quarter of it is the hop")
    window, hop = torch.hann_window(n_fft).to(wave), n_fft // 4
    spectrum = torch.stft(wave, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
    band = sections(spectrum.shape[0], bands, "bands")[:, None]
    cell = band * segments + sections(spectrum.shape[1], segments, "segments of frames")
    heard = (spectrum * (cell == place).to(wave.device) for place in range(bands * segments))
    # One after the other: all spectra at once would take gigabytes for half a minute of sound.
    return torch.stack(
        [torch.istft(part, n_fft, hop, window=window, length=len(wave)) for part in heard]
    )


def _frequency_axis(bands: int, rate: int) -> Axis:
    """The middle of each of equally wide bands, in Hz."""
    return Axis("frequency", "Hz", (torch.arange(bands) + 0.5) * (rate / 2 / bands))
