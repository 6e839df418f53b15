"""Spoken digits from a source and a filter, with the evidence for digit and sex planted.

A glottal pulse train and bands of noise pass through three moving formants. The *digit* is in the
formants and the noise alone; the *sex* is in the pitch alone: everything else about a speaker is
drawn from one distribution for both sexes. So the time-frequency regions that distinguish either
label are known, and an explanation can be scored against them.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann
from scipy.special import expit

from earwitness.errors import InputError
from earwitness.synthesis.phones import BANDWIDTHS_HZ, WORDS, Phone
from earwitness.synthesis.regions import Region, audible, mean_pitch, planted
from earwitness.synthesis.score import Score, compose
from earwitness.synthesis.voices import Speaker, generator

Array = NDArray[np.float64]

RADIATION_HZ = 400.0  # above this the lips radiate 6 dB more per octave
LEVEL_GLIDE_S = 0.004  # time constant of the change of voice and noise between phones
WINDOW_S = 0.016  # of the spectrum in which sounds are shaped


@dataclass(frozen=True)
class Clip:
    """A spoken digit.

    Attributes:
        wave: float32 `(samples,)` within ±1.
        regions: the evidence for digit and sex in it.
        f0_hz: mean pitch where it is voiced, in Hz.
    """

    wave: NDArray[np.float32]
    regions: tuple[Region, ...]
    f0_hz: float


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
    score = compose(WORDS[digit], speaker, rng)
    sound = _articulate(score, speaker, rng, rate)
    evidence = planted(score, speaker, rate / 2)
    background = _amplitude(speaker.background_db)
    regions = audible(evidence, sound, background, _transform(rate))
    return Clip(_finish(sound, speaker, rng), regions, mean_pitch(score))


def _check(digit: int, rate: int) -> None:
    """Raise InputError if a digit cannot be spoken, or not at this rate."""
    if digit not in WORDS:
        raise InputError(f"cannot speak {digit!r}: give a digit from 0 to 9")
    if rate < 8000:
        raise InputError(f"a rate of {rate} Hz loses the third formant: give 8000 Hz or more")


def _articulate(score: Score, speaker: Speaker, rng: Generator, rate: int) -> Array:
    """Sound `(samples,)` of the score, with a peak of 1 and no background."""
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
    """Return pulses `(samples,)` with all harmonics k of the pitch `f0_hz` `(samples,)`.

    Harmonic k has the amplitude exp(-k f0 / tilt), so that they sum to a geometric series.
    """
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate
    pulses = (1 / (1 - np.exp(1j * phase - f0_hz / tilt_hz))).real
    return np.asarray((pulses - pulses.mean()) / pulses.std())


def _resonance(frequencies: Array, formants: Array) -> NDArray[np.complex128]:
    """Response `(bins, frames)` of lips and resonators in cascade; `formants` `(frames, 3)`, Hz."""
    f = frequencies[:, None, None]
    tract = (formants**2 / (formants**2 - f**2 + 1j * f * BANDWIDTHS_HZ)).prod(axis=-1)
    return np.asarray(tract * (1 + 1j * frequencies[:, None] / RADIATION_HZ))


def _bands(frequencies: Array, phones: tuple[Phone, ...], scale: float) -> Array:
    """Amplitude `(bins, phones)` of each phone's noise."""
    low, high = scale * np.array([phone.band for phone in phones]).T
    edge_hz = 50.0
    f = frequencies[:, None]
    shape = expit((f - low) / edge_hz) * expit((high - f) / edge_hz)
    return np.asarray(shape * [phone.noise for phone in phones])


def _finish(sound: Array, speaker: Speaker, rng: Generator) -> NDArray[np.float32]:
    """The sound `(samples,)` with background noise, at the level of the speaker."""
    sound = sound + _amplitude(speaker.background_db) * rng.standard_normal(len(sound))
    level = _amplitude(speaker.level_db + rng.uniform(-2, 2))
    return np.asarray(level * sound / np.abs(sound).max(), dtype=np.float32)


def _amplitude(decibels: float) -> float:
    """Return the factor of an amplitude that is `decibels`."""
    return float(10 ** (decibels / 20))
