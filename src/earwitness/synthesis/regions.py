"""Evidence planted in spoken digits: time-frequency regions that identify a digit or a sex."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT

from earwitness.synthesis.phones import BANDWIDTHS_HZ, Phone
from earwitness.synthesis.score import Score
from earwitness.synthesis.voices import Speaker

Array = NDArray[np.float64]
Label = Literal["digit", "sex"]

HARMONICS = 8  # number of harmonics of the pitch that are evidence for the sex
SLICE_S = 0.07  # longest region
AUDIBLE = 2.0  # least power of a region of evidence, relative to the background's


@dataclass(frozen=True)
class Region:
    """A rectangle of time and frequency that is evidence for a label, from the clip's start."""

    label: Label
    onset_s: float
    offset_s: float
    low_hz: float
    high_hz: float


def mean_pitch(score: Score) -> float:
    """Return the mean pitch of the voiced phones, in Hz."""
    voiced = [np.linspace(on, off, 5) for phone, on, off in _spans(score) if phone.voice]
    return float(score.melody(np.concatenate(voiced)).mean())


def planted(score: Score, speaker: Speaker, nyquist_hz: float) -> Iterator[Region]:
    """Yield the regions that distinguish digits or sexes, audible or not, below `nyquist_hz`."""
    for phone, onset, offset in _spans(score):
        times = np.linspace(onset, offset, 5)
        for label, low, high in _evident_bands(phone, score, speaker, times):
            if low < nyquist_hz:
                yield Region(label, onset, offset, max(low, 0.0), min(high, nyquist_hz))


def _spans(score: Score) -> Iterator[tuple[Phone, float, float]]:
    """Yield each phone in slices of at most `SLICE_S`: phone, onset and offset in s."""
    for phone, (onset, offset) in zip(score.phones, pairwise(score.edges), strict=True):
        slices = int(np.ceil((offset - onset) / SLICE_S))
        for span in pairwise(np.linspace(onset, offset, slices + 1).tolist()):
            yield phone, *span


def _evident_bands(
    phone: Phone, score: Score, speaker: Speaker, times: Array
) -> Iterator[tuple[Label, float, float]]:
    """Yield the bands of a phone at `times` `(n,)` in s: label, lowest and highest Hz."""
    pitch = score.melody(times)
    if phone.voice:
        for track, width in zip(score.formants_at(times).T, BANDWIDTHS_HZ, strict=True):
            # Wide enough to hold a harmonic, wherever the pitch happens to put it.
            yield "digit", *_widened(track, max(width, 0.5 * pitch.mean()))
        for harmonic in range(1, HARMONICS + 1):
            yield "sex", *_widened(harmonic * pitch, 0.25 * pitch.mean())
    if phone.noise:
        yield "digit", *_widened(speaker.formant_scale * np.array(phone.band), 0.0)


def _widened(track: Array, width: float) -> tuple[float, float]:
    """Return minimum and maximum of `track` `(n,)` in Hz, widened by `width` Hz on each side."""
    return float(track.min() - width), float(track.max() + width)


def audible(
    regions: Iterable[Region], sound: Array, background: float, transform: ShortTimeFFT
) -> tuple[Region, ...]:
    """Return the regions whose power in `sound` `(samples,)` exceeds that of the background noise.

    `background` is the noise's root mean square; no model can use regions below it.
    """
    power = np.abs(transform.stft(sound)) ** 2
    floor = AUDIBLE * background**2 * (transform.win**2).sum()
    return tuple(region for region in regions if power[_cells(region, transform)].mean() > floor)


def _cells(region: Region, transform: ShortTimeFFT) -> tuple[slice, slice]:
    """Return the slices of bins and of frames that a region overlaps."""
    onset, offset = np.array([region.onset_s, region.offset_s]) / transform.delta_t
    low, high = np.array([region.low_hz, region.high_hz]) / transform.delta_f
    frames = slice(int(onset) - transform.p_min, int(offset) + 1 - transform.p_min)
    return slice(int(low), int(high) + 1), frames
