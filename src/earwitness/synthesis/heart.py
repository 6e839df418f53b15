"""Heart sounds with a murmur planted: what explains "abnormal" can be scored against it.

Two valves close in S1 and two in S2, each a few damped tones. A *murmur* is a band of noise in
every systole or in every diastole. Everything else about a subject is drawn from one distribution
for both diagnoses; only the share of abnormal subjects differs from one stethoscope to another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from earwitness.errors import InputError
from earwitness.synthesis.auscultation import (
    BREATH_HZ,
    amplitude,
    band_noise,
    disturbances,
    noise,
    through_stethoscope,
)
from earwitness.synthesis.rhythm import Rhythm, rhythm
from earwitness.synthesis.subjects import Extra, Murmur, Shape, Subject
from earwitness.synthesis.voices import generator

Array = NDArray[np.float64]
Tones = tuple[tuple[float, float], ...]

VALVES: dict[str, Tones] = {
    "S1": ((32, 1.0), (55, 0.8), (90, 0.3)),
    "S2": ((48, 1.0), (75, 0.7), (115, 0.35)),
}
"""Tones of the valves of each sound: Hz and loudness."""

CLOSURE = 0.04  # when a sound's first valve closes, as a share of the sound
DECAY = {"S1": 0.13, "S2": 0.11}  # of a valve's tones, as a share of the sound
FADE = 0.2  # the last part of a sound, in which it ends
BEAT = 0.1  # loudness from beat to beat, standard deviation of the logarithm
EXTRA_DB = (-18.0, -8.0)  # softest and loudest extra sound, relative to S1
EXTRA_OFTEN = 0.8  # share of the cycles that have the extra sound, where the subject has one
SHORTEST_S = 2.0  # recording that holds two cycles
AUDIBLE_S = 0.02  # a murmur that the recording's end leaves less of is none


@dataclass(frozen=True)
class Innocent:
    """A sound beside S1 and S2: in which state, after which share of its spare time, of what."""

    state: str
    place: float
    seconds: float
    tones: Tones


EXTRAS: dict[Extra, Innocent] = {
    "third": Innocent("diastole", 0.2, 0.06, ((30, 1.0), (45, 0.4))),
    "fourth": Innocent("diastole", 0.9, 0.06, ((35, 1.0), (50, 0.4))),
    "systolic click": Innocent("systole", 0.5, 0.03, ((110, 1.0), (140, 0.6))),
    "diastolic click": Innocent("diastole", 0.25, 0.03, ((110, 1.0), (140, 0.6))),
}

PLACES: dict[Murmur, tuple[str, float]] = {
    "systolic": ("systole", 0.8),
    "diastolic": ("diastole", 0.5),
}
"""Where a murmur is, and the least share of that state that it fills."""

SHAPES: dict[Shape, Callable[[Array], Array]] = {
    "plateau": lambda u: np.minimum(1, np.minimum(u, 1 - u) / 0.15),
    "diamond": lambda u: 1 - abs(2 * u - 1),
    "decrescendo": lambda u: np.minimum(u / 0.1, (1 - u) / 0.9),
}
"""Loudness of a murmur, at most 1, where the share u (n,) of it has passed."""


@dataclass(frozen=True)
class Recording:
    """What a stethoscope recorded.

    Attributes:
        wave: float32 (samples,) within ±1.
        beats: the true states.
        murmurs: (murmurs, 2), onset and offset of the murmur in each cycle, in s; none for a
            normal heart. The band is `Subject.murmur_hz`.
    """

    wave: NDArray[np.float32]
    beats: Rhythm
    murmurs: Array


def synthesise(
    person: Subject, take: int, seed: int, seconds: float, rate: int = 1000
) -> Recording:
    """Record a subject; equal arguments give equal ones.

    Args:
        person: whose heart.
        take: 0 or more; takes differ in everything but the subject's traits.
        seed: of the whole corpus.
        seconds: mean length; a recording lasts from 0.8 to 1.2 times as long.
        rate: sampling rate in Hz, at least 1000.

    Raises:
        InputError: the recording is too short for two cycles, or the rate is too low.
    """
    _check(seconds, rate)
    plan, body, around, inside = generator(seed, int(person.identity), take).spawn(4)
    samples = round(seconds * plan.uniform(0.8, 1.2) * rate)
    beats = rhythm(person, samples / rate, plan)
    murmurs = _murmurs(person, beats, inside)
    sound = _closures(person, beats, samples, rate, body)
    sound += _extras(person, beats, samples, rate, body)
    sound += disturbances(person, samples, rate, around)
    sound += _murmuring(person, murmurs, samples, rate, inside)
    sound = through_stethoscope(sound, person.stethoscope, rate)
    wave = sound + noise(person, samples, rate, around)
    level = amplitude(person.level_db) / np.abs(wave).max()
    audible = np.clip(murmurs, 0, beats.seconds)
    audible = audible[np.ptp(audible, 1) > AUDIBLE_S]
    return Recording(np.asarray(level * wave, dtype=np.float32), beats, audible)


def _check(seconds: float, rate: int) -> None:
    """Raise InputError if a recording is too short or its rate too low."""
    if seconds < SHORTEST_S:
        raise InputError(f"{seconds} s hold no two cycles: give {SHORTEST_S} s or more")
    if rate < 1000:
        raise InputError(
            f"a rate of {rate} Hz loses the breath below {BREATH_HZ[1]:.0f} Hz: give 1000 or more"
        )


def _closures(person: Subject, beats: Rhythm, samples: int, rate: int, rng: Generator) -> Array:
    """S1 and S2 (samples,); the second valve comes later while breathing in, most of all in S2."""
    sound = np.zeros(samples)
    widths = person.split * (0.7 + 0.3 * np.sin(beats.breath))
    levels = {"S1": 1.0, "S2": amplitude(person.second_db)}
    for name, level in levels.items():
        spans, loudness = beats.spans(name), level * _unequal(len(widths), rng)
        tones = tuple((hz * person.pitch, share) for hz, share in VALVES[name])
        for beat, (where, u) in enumerate(_passing(spans, samples, rate)):
            length = float(np.ptp(spans[beat]))
            for closure, share in ((CLOSURE, 1.0), (CLOSURE + widths[beat], 0.6)):
                valve = _valve(u, length, tones, closure, DECAY[name])
                sound[where] += share * loudness[beat] * valve
    return sound


def _valve(u: Array, seconds: float, tones: Tones, closure: float, decay: float) -> Array:
    """Tones (n,) of a valve where the share u (n,) of a sound of `seconds` has passed."""
    since = np.maximum(u - closure, 0)
    swell = since / decay * np.exp(1 - since / decay) * np.minimum(1, (1 - u) / FADE)
    hz, loudness = np.array(tones).T
    return np.asarray(swell * (np.sin(2 * np.pi * since[:, None] * seconds * hz) @ loudness))


def _extras(person: Subject, beats: Rhythm, samples: int, rate: int, rng: Generator) -> Array:
    """The innocent sound (samples,) of most cycles; silence where the subject has none."""
    sound = np.zeros(samples)
    if person.extra == "none":
        return sound
    kind = EXTRAS[person.extra]
    onset, offset = beats.spans(kind.state).T
    onset = onset + kind.place * np.maximum(0, offset - onset - kind.seconds)
    spans = np.stack([onset, onset + kind.seconds], axis=1)[rng.random(len(onset)) < EXTRA_OFTEN]
    loudness = amplitude(rng.uniform(*EXTRA_DB)) * _unequal(len(spans), rng)
    for level, (where, u) in zip(loudness, _passing(spans, samples, rate), strict=True):
        sound[where] += level * _valve(u, kind.seconds, kind.tones, CLOSURE, 0.2)
    return sound


def _murmurs(person: Subject, beats: Rhythm, rng: Generator) -> Array:
    """Onset and offset of each murmur (cycles, 2) in s, begun with its state; none (0, 2)."""
    if person.murmur == "none":
        return np.zeros((0, 2))
    state, least = PLACES[person.murmur]
    onset, offset = beats.spans(state).T
    return np.stack([onset, onset + rng.uniform(least, 1) * (offset - onset)], axis=1)


def _murmuring(person: Subject, murmurs: Array, samples: int, rate: int, rng: Generator) -> Array:
    """The murmurs' sound (samples,)."""
    loudness = np.zeros(samples)
    levels = amplitude(person.murmur_db) * _unequal(len(murmurs), rng)
    for level, (where, u) in zip(levels, _passing(murmurs, samples, rate), strict=True):
        loudness[where] = level * SHAPES[person.murmur_shape](u)
    return loudness * band_noise(person.murmur_hz, samples, rate, rng)


def _unequal(beats: int, rng: Generator) -> Array:
    """Loudness (beats,) from beat to beat."""
    return rng.lognormal(0, BEAT, beats)


def _passing(spans: Array, samples: int, rate: int) -> Iterator[tuple[slice, Array]]:
    """Samples of each span (n, 2) in s within the recording, and its share passed there."""
    for onset, offset in spans:
        first, last = np.clip(np.ceil(np.array([onset, offset]) * rate), 0, samples).astype(int)
        yield slice(first, last), (np.arange(first, last) / rate - onset) / (offset - onset)
