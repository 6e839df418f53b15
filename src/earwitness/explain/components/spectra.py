"""Components of a wave's short-time spectrum (SLIME; Mishra, Sturm and Dixon, ISMIR 2017).

A component that is off has zero magnitude; the others keep their phase, and the inverse
transform is the input of the front end. The transform is linear, so each component is a wave of
its own. With all components on, the wave is unchanged.
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
        """The wave `sounds[0]` `(samples,)` in each band, `(count, samples)`, lowest first."""
        return _cells(sounds[0], self.count, 1, self.n_fft)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The centre of each band, in Hz."""
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
        """The wave in each band and segment, `(bands * segments, samples)`.

        All segments of the lowest band come first.
        """
        return _cells(sounds[0], self.bands, self.segments, self.n_fft)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """Frequency in Hz by time in s."""
        return _frequency_axis(self.bands, rate), time_axis(self.segments, rate, samples)


def _cells(wave: Tensor, bands: int, segments: int, n_fft: int) -> Tensor:
    """The wave `(samples,)` in each cell of the spectrum, `(bands * segments, samples)`."""
    if n_fft < 4 or n_fft % 4:
        raise InputError(f"n_fft={n_fft}: choose a multiple of 4; a quarter of it is the hop")
    window, hop = torch.hann_window(n_fft).to(wave), n_fft // 4
    spectrum = torch.stft(wave, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
    band = sections(spectrum.shape[0], bands, "bands")[:, None]
    cell = band * segments + sections(spectrum.shape[1], segments, "segments of frames")
    parts = (spectrum * (cell == index).to(wave.device) for index in range(bands * segments))
    # One after the other: all spectra at once would take gigabytes for half a minute of sound.
    return torch.stack(
        [torch.istft(part, n_fft, hop, window=window, length=len(wave)) for part in parts]
    )


def _frequency_axis(bands: int, rate: int) -> Axis:
    """The centre of each of `bands` equally wide bands, in Hz."""
    return Axis("frequency", "Hz", (torch.arange(bands) + 0.5) * (rate / 2 / bands))
