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
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann
from scipy.special import expit

from earwitness.errors import InputError

Array = NDArray[np.float64]
Label = Literal["digit", "sex"]
Sex = Literal["female", "male"]

SPEAKERS = tuple(f"{number:02d}" for number in range(1, 61))
WOMEN = frozenset(["12", "26", "28", "36", "43", "47", "52", "56", "57", "58", "59", "60"])
PITCH_HZ: dict[Sex, tuple[float, float]] = {"female": (168, 250), "male": (88, 150)}
TRAITS = {
    "formant_scale": (0.84, 1.18),
    "tempo": (0.85, 1.15),
    "level_db": (-18.0, -3.0),
    "breath": (0.02, 0.2),
    "tilt_hz": (900.0, 2200.0),
    "background_db": (-55.0, -28.0),
    "reduction": (0.0, 0.4),
}
"""Ranges of a voice's traits, the same for both sexes; `Speaker` says what they mean."""

ACCENT = 0.08  # a speaker's formants, each up or down by this share
SLIP = 0.05  # a repetition's formants, standard deviation of the logarithm
RHYTHM = 0.2  # a repetition's durations, standard deviation of the logarithm
UNIT_S = 0.011
SECONDS = (0.45, 0.8)
NEUTRAL_HZ = (500.0, 1500.0, 2500.0)
BANDWIDTHS_HZ = (80.0, 110.0, 160.0)
RADIATION_HZ = 400.0  # above this the lips radiate 6 dB more per octave
FORMANT_GLIDE_S = 0.014
LEVEL_GLIDE_S = 0.004
WINDOW_S = 0.016
HARMONICS = 8
SLICE_S = 0.07
AUDIBLE = 2.0  # power of a region over that of the background, for it to be evidence


@dataclass(frozen=True)
class Phone:
    """One articulation: formants in Hz, amplitudes of voice and noise, the noise's band in Hz."""

    formants: tuple[float, float, float]
    voice: float = 0.0
    noise: float = 0.0
    band: tuple[float, float] = (0.0, 0.0)


PHONES = {
    "_": Phone(NEUTRAL_HZ),
    "i": Phone((300, 2350, 3000), voice=1.0),
    "I": Phone((410, 2050, 2650), voice=1.0),
    "e": Phone((480, 2100, 2700), voice=1.0),
    "E": Phone((600, 1850, 2600), voice=1.0),
    "a": Phone((790, 1250, 2550), voice=1.0),
    "V": Phone((680, 1200, 2500), voice=1.0),
    "@": Phone((500, 1500, 2500), voice=0.7),
    "O": Phone((580, 880, 2500), voice=1.0),
    "o": Phone((480, 950, 2450), voice=1.0),
    "u": Phone((330, 1050, 2350), voice=1.0),
    "r": Phone((400, 1250, 1700), voice=0.8),
    "w": Phone((310, 680, 2250), voice=0.7),
    "n": Phone((260, 1400, 2450), voice=0.5),
    "v": Phone((270, 1150, 2300), voice=0.35, noise=0.3, band=(1300, 3600)),
    "z": Phone((280, 1650, 2500), voice=0.3, noise=1.0, band=(2800, 3800)),
    "s": Phone((320, 1650, 2500), noise=1.6, band=(2800, 3800)),
    "f": Phone((300, 1100, 2300), noise=0.7, band=(1200, 3700)),
    "T": Phone((300, 1400, 2500), noise=0.7, band=(1700, 3300)),
    "t": Phone((330, 1750, 2600), noise=2.0, band=(2300, 3800)),
    "k": Phone((320, 1950, 2500), noise=2.0, band=(1500, 2400)),
}
"""What the mouth aims at, for a speaker of middling size."""

WORDS: dict[int, tuple[tuple[str, int], ...]] = {
    0: (("z", 9), ("I", 8), ("r", 8), ("o", 12), ("u", 8)),
    1: (("w", 9), ("V", 17), ("n", 16)),
    2: (("t", 4), ("u", 36)),
    3: (("T", 9), ("r", 9), ("i", 26)),
    4: (("f", 11), ("O", 22), ("r", 11)),
    5: (("f", 10), ("a", 15), ("I", 11), ("v", 9)),
    6: (("s", 14), ("I", 11), ("_", 6), ("k", 3), ("s", 14)),
    7: (("s", 12), ("E", 11), ("v", 7), ("@", 7), ("n", 11)),
    8: (("e", 14), ("I", 12), ("_", 8), ("t", 6)),
    9: (("n", 10), ("a", 14), ("I", 11), ("n", 12)),
}
"""The phones of each digit and how long they last, in `UNIT_S` at middling tempo."""


@dataclass(frozen=True)
class Region:
    """A rectangle of time and frequency that is evidence for a label, from the clip's start."""

    label: Label
    onset_s: float
    offset_s: float
    low_hz: float
    high_hz: float


@dataclass(frozen=True)
class Speaker:
    """A voice. Of its traits, the sex decides the range of `f0_hz` and nothing else.

    Attributes:
        identity: "01" to "60", as in AudioMNIST.
        sex: "female" or "male", as in AudioMNIST.
        f0_hz: mean pitch over all that the speaker says.
        accent: factors of the three formants, beside the common `formant_scale`.
        formant_scale: factor of all formants and noise bands, as a shorter vocal tract has it.
        tempo: factor of all durations.
        level_db: peak of a clip, dB below full scale.
        breath: amplitude of the breath noise in the voice, relative to the pulses.
        tilt_hz: the voice's spectrum falls by 8.7 dB per so many Hz.
        background_db: background noise relative to a clip's peak.
        reduction: how far the vowels fall short of their targets, 0 (not) to 1 (all neutral).
    """

    identity: str
    sex: Sex
    f0_hz: float
    accent: tuple[float, ...]
    formant_scale: float
    tempo: float
    level_db: float
    breath: float
    tilt_hz: float
    background_db: float
    reduction: float


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


def speaker(identity: str, seed: int) -> Speaker:
    """One of the sixty voices of the corpus that `seed` gives.

    Raises:
        InputError: if `identity` is not one of `SPEAKERS`.
    """
    if identity not in SPEAKERS:
        raise InputError(f"unknown speaker {identity!r}: give one of '01' to '60'")
    rng = _generator(seed, int(identity))
    sex: Sex = "female" if identity in WOMEN else "male"
    height, *accent = rng.random(), *rng.uniform(1 - ACCENT, 1 + ACCENT, 3)
    low, high = PITCH_HZ[sex]
    traits = {name: float(rng.uniform(*span)) for name, span in TRAITS.items()}
    return Speaker(identity, sex, low + height * (high - low), tuple(map(float, accent)), **traits)


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
    rng = _generator(seed, int(speaker.identity), digit, repetition)
    score = _compose(WORDS[digit], speaker, rng)
    sound = _articulate(score, speaker, rng, rate)
    planted = _evidence(score, speaker, rate / 2)
    regions = _audible(planted, sound, _amplitude(speaker.background_db), rate)
    return Clip(_finish(sound, speaker, rng), regions, _mean_pitch(score))


def _check(digit: int, rate: int) -> None:
    if digit not in WORDS:
        raise InputError(f"cannot speak {digit!r}: give a digit from 0 to 9")
    if rate < 8000:
        raise InputError(f"a rate of {rate} Hz loses the third formant: give 8000 Hz or more")


def _generator(*key: int) -> Generator:
    # The length goes first because SeedSequence takes (1, 2) and (1, 2, 0) for the same entropy.
    return default_rng(SeedSequence((len(key), *key)))


def _compose(word: tuple[tuple[str, int], ...], speaker: Speaker, rng: Generator) -> _Score:
    padding = rng.integers(2, 7, 2)
    names, lengths = zip(("_", padding[0]), *word, ("_", padding[1]), strict=True)
    phones = tuple(PHONES[name] for name in names)
    edges = _edges(np.array(lengths) * UNIT_S, speaker, rng)
    melody = _melody(speaker.f0_hz, float(edges[-1]), rng)
    return _Score(phones, edges, _targets(phones, speaker, rng), melody)


def _edges(lengths: Array, speaker: Speaker, rng: Generator) -> Array:
    lengths = lengths * rng.lognormal(0, RHYTHM, len(lengths))
    seconds = np.clip(lengths.sum() * speaker.tempo, *SECONDS)
    return np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum() * seconds])


def _targets(phones: tuple[Phone, ...], speaker: Speaker, rng: Generator) -> Array:
    ideal = np.log([phone.formants for phone in phones])
    reached = ideal + speaker.reduction * (np.log(NEUTRAL_HZ) - ideal)
    slips = rng.normal(0, SLIP, ideal.shape)
    return np.exp(reached + slips) * speaker.formant_scale * speaker.accent


def _melody(f0_hz: float, seconds: float, rng: Generator) -> _Melody:
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
    sound = sound + _amplitude(speaker.background_db) * rng.standard_normal(len(sound))
    level = _amplitude(speaker.level_db + rng.uniform(-2, 2))
    return np.asarray(level * sound / np.abs(sound).max(), dtype=np.float32)


def _amplitude(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _mean_pitch(score: _Score) -> float:
    voiced = [np.linspace(on, off, 5) for phone, on, off in _spans(score) if phone.voice]
    return float(score.melody(np.concatenate(voiced)).mean())


def _evidence(score: _Score, speaker: Speaker, nyquist_hz: float) -> Iterator[Region]:
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
