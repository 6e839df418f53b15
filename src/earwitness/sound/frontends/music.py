"""From music to network input: the log-frequency spectrogram of music emotion recognition."""

import numpy as np
import torch
from torch import Tensor, nn

REFERENCE_HZ = 440.0
"""Pitch that every scale of bands contains, in Hz: concert A."""


class LogFrequencySpectrogram(nn.Module):
    """log10(1 + magnitude) in triangular bands, evenly spaced in pitch where bins allow it.

    Chowdhury et al. (2019), section 3, with the settings that the authors' group released: of 24
    bands an octave from 20 Hz to 16 kHz, 149 remain at 22.05 kHz, because bands below 700 Hz are
    narrower than a bin of the transform and those above half the rate are empty.

    Shapes: waves `(batch, samples)` -> `(batch, 1, 149, samples // hop)`, a frame every 31.9 ms;
    ten seconds make 313. Each wave is divided by its peak first; silence stays silence. The first
    frame begins at 0 s.
    """

    window: Tensor
    filters: Tensor
    centres: Tensor

    def __init__(
        self,
        rate: int = 22050,
        frame: int = 2048,
        hop: int = 704,
        per_octave: int = 24,
        lowest_hz: float = 20.0,
        highest_hz: float = 16000.0,
    ) -> None:
        """`frame` and `hop` in samples at `rate` Hz."""
        super().__init__()
        self.frame = frame
        self.hop = hop
        bins = band_bins(rate, frame, per_octave, lowest_hz, highest_hz)
        hann = torch.hann_window(frame, periodic=False)
        self.register_buffer("window", hann, persistent=False)
        self.register_buffer("filters", triangular_filters(bins, frame // 2), persistent=False)
        centres = torch.from_numpy(bins[1:-1] * rate / frame).float()
        self.register_buffer("centres", centres, persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        """Log-magnitudes `(batch, 1, bands, frames)` of waves `(batch, samples)`."""
        peak = waves.abs().amax(dim=1, keepdim=True)
        scaled = waves / peak.where(peak > 0, 1.0)
        frames = scaled.shape[1] // self.hop
        needed = (frames - 1) * self.hop + self.frame
        padded = nn.functional.pad(scaled, (0, max(0, needed - scaled.shape[1])))[:, :needed]
        spectrum = torch.stft(
            padded,
            n_fft=self.frame,
            hop_length=self.hop,
            window=self.window,
            center=False,
            return_complex=True,
        )
        # No band contains the last bin, at half the rate.
        return torch.log10(1 + self.filters @ spectrum[:, :-1].abs()).unsqueeze(1)

    def frequencies(self, _: int) -> Tensor:
        """Centre frequencies `(bands,)`, in Hz."""
        return self.centres

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for waves at `rate` Hz."""
        return (torch.arange(frames) * self.hop + self.frame / 2) / rate


def band_bins(
    rate: int, frame: int, per_octave: int, lowest_hz: float, highest_hz: float
) -> np.ndarray:
    """Bins of a transform at which bands begin, peak and end.

    Band k begins at the k-th of these, peaks at the next and ends at the one after. They are the
    bins nearest to `per_octave` pitches an octave about concert A, without duplicates.

    Args:
        rate: of the wave, in Hz.
        frame: length of the transform, in samples.
        per_octave: pitches an octave.
        lowest_hz: pitches below it are left out.
        highest_hz: pitches above it are left out; bins stay below half the rate.

    Returns:
        int64 `(bands + 2,)`, ascending.
    """
    ends = np.log2(np.array([lowest_hz, highest_hz]) / REFERENCE_HZ) * per_octave
    steps = np.arange(np.ceil(ends[0]), np.floor(ends[1]) + 1)
    pitches = REFERENCE_HZ * 2 ** (steps / per_octave)
    last = frame // 2 - 1
    return np.unique(np.rint(pitches * frame / rate).clip(max=last)).astype(int)


def triangular_filters(bins: np.ndarray, count: int) -> Tensor:
    """Triangular filters `(len(bins) - 2, count)` of unit area over the bins of a transform."""
    filters = np.zeros((len(bins) - 2, count))
    places = np.arange(count)
    for filter_, (start, peak, end) in zip(filters, zip(bins, bins[1:], bins[2:]), strict=False):
        rise, fall = (places - start) / (peak - start), (end - places) / (end - peak)
        filter_ += np.minimum(rise, fall).clip(min=0)
    return torch.from_numpy(filters / filters.sum(axis=1, keepdims=True)).float()
