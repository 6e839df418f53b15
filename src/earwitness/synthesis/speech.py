"""Spoken digits from a source and a filter, with the evidence for digit and sex planted.

A glottal pulse train and bands of noise pass through three moving formants. The *digit* is in the
formants and the noise alone; the *sex* is in the pitch alone: everything else about a speaker is
drawn from one distribution for both sexes. So the time-frequency regions that distinguish either
label are known, and an explanation can be scored against them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann
from scipy.special import expit

from earwitness.errors import InputError
from earwitness.synthesis.phones import NEUTRAL_HZ, PHONES, UNIT_S, WORDS, Phone
from earwitness.synthesis.voices import Speaker, generator

Array = NDArray[np.float64]
Label = Literal["digit", "sex"]

SLIP = 0.05  # a repetition's formants, standard deviation of the logarithm
RHYTHM = 0.2  # a repetition's durations, standard deviation of the logarithm
SECONDS = (0.45, 0.8)  # shortest and longest clip
BANDWIDTHS_HZ = (80.0, 110.0, 160.0)  # of the three formants
RADIATION_HZ = 400.0  # above this the lips radiate 6 dB more per octave
FORMANT_GLIDE_S = 0.014  # how slowly formants go from one phone to the next
LEVEL_GLIDE_S = 0.004  # the same of voice and noise
WINDOW_S = 0.016  # of the spectrum in which sounds are shaped
HARMONICS = 8  # of the pitch, as far as they are evidence for the sex
SLICE_S = 0.07  # longest region
AUDIBLE = 2.0  # power of a region over that of the background, for it to be evidence


@dataclass(frozen=True)
class Region:
    """A rectangle of time and frequency that is evidence for a label, from the clip's start."""

    label: Label
    onset_s: float
    offset_s: float
    low_hz: float
    high_hz: float


@dataclass(frozen=True)
class Clip:
    """A spoken digit: `wave` float32 (samples,) within ±1, its evidence, its mean voiced pitch."""

    wave: NDArray[np.float32]
    regions: tuple[Region, ...]
    f0_hz: float


@dataclass(frozen=True)
class _Melody:
    """Pitch over time: a declining line with slow wobbles."""

    mean_hz: float
    seconds: float
    decline: float
    wobbles: Array

    def __call__(self, times: Array) -> Array:
        """Pitch in Hz at `times` (n,) in seconds."""
        depth, rate, phase = self.wobbles
        wobble = np.sin(2 * np.pi * rate * times[:, None] + phase) @ depth
        line = self.decline * (0.5 - times / self.seconds)
        return np.asarray(self.mean_hz * (1 + line + wobble))


@dataclass(frozen=True)
class _Score:
    """What one clip articulates: phones, their `edges` (phones + 1,) in s, and their formants."""

    phones: tuple[Phone, ...]
    edges: Array
    formants: Array
    melody: _Melody

    @property
    def seconds(self) -> float:
        """How long the clip lasts."""
        return float(self.edges[-1])

    def presence(self, times: Array, glide: float) -> Array:
        """Share of each phone (n, phones) in the articulation at `times` (n,); rows sum to 1."""
        started = expit((times[:, None] - self.edges[1:-1]) / glide)
        ones, zeros = np.ones((len(times), 1)), np.zeros((len(times), 1))
        return -np.diff(np.hstack([ones, started, zeros]))

    def formants_at(self, times: Array) -> Array:
        """Centres of the formants (n, 3) in Hz at `times` (n,)."""
        return np.exp(self.presence(times, FORMANT_GLIDE_S) @ np.log(self.formants))


def synthesise(digit: int, speaker: Speaker, repetition: int, seed: int, rate: int = 8000) -> Clip:
    """Speak a digit; the same arguments give the same clip, whatever was spoken before.

    Args:
        digit: 0 to 9.
        speaker: whose voice.
        repetition: 0 or more; repetitions differ in timing, pitch, articulation and noise.
        seed: of the whole corpus.
        rate: sampling rate in Hz, at least 8000.

    Returns:
        A clip of 0.45 to 0.8 s.

    Raises:
        InputError: if there is no such digit, or the rate is too low for the formants.
    """
    _check(digit, rate)
    rng = generator(seed, int(speaker.identity), digit, repetition)
    score = _compose(WORDS[digit], speaker, rng)
    sound = _articulate(score, speaker, rng, rate)
    planted = _evidence(score, speaker, rate / 2)
    regions = _audible(planted, sound, _amplitude(speaker.background_db), rate)
    return Clip(_finish(sound, speaker, rng), regions, _mean_pitch(score))


def _check(digit: int, rate: int) -> None:
    """Raise InputError if a digit cannot be spoken, or not at this rate."""
    if digit not in WORDS:
        raise InputError(f"cannot speak {digit!r}: give a digit from 0 to 9")
    if rate < 8000:
        raise InputError(f"a rate of {rate} Hz loses the third formant: give 8000 Hz or more")


def _compose(word: tuple[tuple[str, int], ...], speaker: Speaker, rng: Generator) -> _Score:
    """The phones of a word between two short silences, as this speaker has them this time."""
    padding = rng.integers(2, 7, 2)
    names, lengths = zip(("_", padding[0]), *word, ("_", padding[1]), strict=True)
    phones = tuple(PHONES[name] for name in names)
    edges = _edges(np.array(lengths) * UNIT_S, speaker, rng)
    melody = _melody(speaker.f0_hz, float(edges[-1]), rng)
    return _Score(phones, edges, _targets(phones, speaker, rng), melody)


def _edges(lengths: Array, speaker: Speaker, rng: Generator) -> Array:
    """Edges (phones + 1,) in s of phones that would last `lengths` (phones,) at middling tempo."""
    lengths = lengths * rng.lognormal(0, RHYTHM, len(lengths))
    seconds = np.clip(lengths.sum() * speaker.tempo, *SECONDS)
    return np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum() * seconds])


def _targets(phones: tuple[Phone, ...], speaker: Speaker, rng: Generator) -> Array:
    """Formants (phones, 3) in Hz that are reached: somewhat short of what the mouth aims at."""
    ideal = np.log([phone.formants for phone in phones])
    reached = ideal + speaker.reduction * (np.log(NEUTRAL_HZ) - ideal)
    slips = rng.normal(0, SLIP, ideal.shape)
    return np.exp(reached + slips) * speaker.formant_scale * speaker.accent


def _melody(f0_hz: float, seconds: float, rng: Generator) -> _Melody:
    """The pitch of a clip about a mean in Hz, with three wobbles."""
    wobbles = np.stack(
        [rng.uniform(0.002, 0.008, 3), rng.uniform(2, 9, 3), rng.uniform(0, 2 * np.pi, 3)]
    )
    return _Melody(f0_hz * rng.uniform(0.98, 1.02), seconds, rng.uniform(0.06, 0.18), wobbles)


def _articulate(score: _Score, speaker: Speaker, rng: Generator, rate: int) -> Array:
    """Sound (samples,) of the score, with a peak of 1 and no background."""
    times = np.arange(round(score.seconds * rate)) / rate
    transform = _transform(rate)
    frames = transform.t(len(times))
    presence = score.presence(frames, LEVEL_GLIDE_S)
    breath, friction = rng.standard_normal((2, len(times)))
    voice = _pulses(score.melody(times), speaker.tilt_hz, rate) + speaker.breath * breath
    tract = _resonance(transform.f, score.formants_at(frames))
    voiced = tract * (presence @ [phone.voice for phone in score.phones])
    noisy = _bands(transform.f, score.phones, speaker.formant_scale) @ presence.T
    spectrum = transform.stft(voice) * voiced + transform.stft(friction) * noisy
    sound = transform.istft(spectrum, k1=len(times))
    return np.asarray(sound / np.abs(sound).max())


@lru_cache
def _transform(rate: int) -> ShortTimeFFT:
    """The short-time spectrum in which sounds are shaped, at `rate` Hz."""
    window = round(WINDOW_S * rate)
    return ShortTimeFFT(hann(window, sym=False), window // 4, rate, mfft=2 * window)


def _pulses(f0_hz: Array, tilt_hz: float, rate: int) -> Array:
    """All harmonics k of the pitch, each falling as exp(-k f0 / tilt): a geometric series."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate
    pulses = (1 / (1 - np.exp(1j * phase - f0_hz / tilt_hz))).real
    return np.asarray((pulses - pulses.mean()) / pulses.std())


def _resonance(frequencies: Array, formants: Array) -> NDArray[np.complex128]:
    """Response (bins, frames) of lips and resonators in cascade, from `formants` (frames, 3)."""
    f = frequencies[:, None, None]
    tract = (formants**2 / (formants**2 - f**2 + 1j * f * BANDWIDTHS_HZ)).prod(axis=-1)
    return np.asarray(tract * (1 + 1j * frequencies[:, None] / RADIATION_HZ))


def _bands(frequencies: Array, phones: tuple[Phone, ...], scale: float) -> Array:
    """Amplitude (bins, phones) of each phone's noise."""
    low, high = scale * np.array([phone.band for phone in phones]).T
    edge_hz = 50.0
    f = frequencies[:, None]
    shape = expit((f - low) / edge_hz) * expit((high - f) / edge_hz)
    return np.asarray(shape * [phone.noise for phone in phones])


def _finish(sound: Array, speaker: Speaker, rng: Generator) -> NDArray[np.float32]:
    """The sound (samples,) with background noise, at the level of the speaker."""
    sound = sound + _amplitude(speaker.background_db) * rng.standard_normal(len(sound))
    level = _amplitude(speaker.level_db + rng.uniform(-2, 2))
    return np.asarray(level * sound / np.abs(sound).max(), dtype=np.float32)


def _amplitude(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _mean_pitch(score: _Score) -> float:
    """Mean pitch in Hz of what is voiced."""
    voiced = [np.linspace(on, off, 5) for phone, on, off in _spans(score) if phone.voice]
    return float(score.melody(np.concatenate(voiced)).mean())


def _evidence(score: _Score, speaker: Speaker, nyquist_hz: float) -> Iterator[Region]:
    """The regions that distinguish a digit or a sex, whether or not they can be heard."""
    for phone, onset, offset in _spans(score):
        times = np.linspace(onset, offset, 5)
        for label, low, high in _evident_bands(phone, score, speaker, times):
            if low < nyquist_hz:
                yield Region(label, onset, offset, max(low, 0.0), min(high, nyquist_hz))


def _spans(score: _Score) -> Iterator[tuple[Phone, float, float]]:
    """Each phone in slices too short for its formants to move far: phone, onset, offset in s."""
    for phone, (onset, offset) in zip(score.phones, pairwise(score.edges), strict=True):
        slices = int(np.ceil((offset - onset) / SLICE_S))
        for span in pairwise(np.linspace(onset, offset, slices + 1).tolist()):
            yield phone, *span


def _evident_bands(
    phone: Phone, score: _Score, speaker: Speaker, times: Array
) -> Iterator[tuple[Label, float, float]]:
    """Bands of a phone at `times` (n,) as label, lowest and highest Hz."""
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
    """From below the lowest to above the highest of a track (n,) in Hz, by `width` each."""
    return float(track.min() - width), float(track.max() + width)


def _audible(
    regions: Iterable[Region], sound: Array, background: float, rate: int
) -> tuple[Region, ...]:
    """The regions that stand out of the background noise: nobody can use the others."""
    transform = _transform(rate)
    power = np.abs(transform.stft(sound)) ** 2
    floor = AUDIBLE * background**2 * (transform.win**2).sum()
    return tuple(region for region in regions if power[_cells(region, transform)].mean() > floor)


def _cells(region: Region, transform: ShortTimeFFT) -> tuple[slice, slice]:
    """Which bins and frames a region touches."""
    onset, offset = np.array([region.onset_s, region.offset_s]) / transform.delta_t
    low, high = np.array([region.low_hz, region.high_hz]) / transform.delta_f
    frames = slice(int(onset) - transform.p_min, int(offset) + 1 - transform.p_min)
    return slice(int(low), int(high) + 1), frames
