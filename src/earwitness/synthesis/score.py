"""The score of a spoken digit: which phones it has, when, with which formants and pitch."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit

from earwitness.synthesis.phones import NEUTRAL_HZ, PHONES, UNIT_S, Phone
from earwitness.synthesis.voices import Speaker

Array = NDArray[np.float64]

SLIP = 0.05  # a repetition's formants, standard deviation of the logarithm
RHYTHM = 0.2  # a repetition's durations, standard deviation of the logarithm
SECONDS = (0.45, 0.8)  # shortest and longest clip
FORMANT_GLIDE_S = 0.014  # time constant of the change of formants from one phone to the next


@dataclass(frozen=True)
class Melody:
    """Pitch over time: a declining line with slow wobbles."""

    mean_hz: float
    seconds: float
    decline: float
    wobbles: Array

    def __call__(self, times: Array) -> Array:
        """Pitch in Hz at `times` `(n,)` in seconds."""
        depth, rate, phase = self.wobbles
        wobble = np.sin(2 * np.pi * rate * times[:, None] + phase) @ depth
        line = self.decline * (0.5 - times / self.seconds)
        return np.asarray(self.mean_hz * (1 + line + wobble))


@dataclass(frozen=True)
class Score:
    """What one clip articulates.

    Attributes:
        phones: in their order.
        edges: where they begin and end, `(phones + 1,)` in s.
        formants: their formants, `(phones, 3)` in Hz.
        melody: pitch over time.
    """

    phones: tuple[Phone, ...]
    edges: Array
    formants: Array
    melody: Melody

    @property
    def seconds(self) -> float:
        """Length of the clip, in s."""
        return float(self.edges[-1])

    def presence(self, times: Array, glide: float) -> Array:
        """Share of each phone `(n, phones)` in the sound at `times` `(n,)` in s; rows sum to 1."""
        started = expit((times[:, None] - self.edges[1:-1]) / glide)
        ones, zeros = np.ones((len(times), 1)), np.zeros((len(times), 1))
        return -np.diff(np.hstack([ones, started, zeros]))

    def formants_at(self, times: Array) -> Array:
        """Centres of the formants `(n, 3)` in Hz at `times` `(n,)` in s."""
        return np.exp(self.presence(times, FORMANT_GLIDE_S) @ np.log(self.formants))


def compose(word: tuple[tuple[str, int], ...], speaker: Speaker, rng: Generator) -> Score:
    """Draw a score of a word between two short silences, for one repetition of a speaker."""
    padding = rng.integers(2, 7, 2)
    names, lengths = zip(("_", padding[0]), *word, ("_", padding[1]), strict=True)
    phones = tuple(PHONES[name] for name in names)
    edges = _edges(np.array(lengths) * UNIT_S, speaker, rng)
    melody = _melody(speaker.f0_hz, float(edges[-1]), rng)
    return Score(phones, edges, _targets(phones, speaker, rng), melody)


def _edges(lengths: Array, speaker: Speaker, rng: Generator) -> Array:
    """Draw edges `(phones + 1,)` of phones, in s, from their mean `lengths` `(phones,)` in s."""
    lengths = lengths * rng.lognormal(0, RHYTHM, len(lengths))
    seconds = np.clip(lengths.sum() * speaker.tempo, *SECONDS)
    return np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum() * seconds])


def _targets(phones: tuple[Phone, ...], speaker: Speaker, rng: Generator) -> Array:
    """Draw formants `(phones, 3)` in Hz: targets of the phones, reduced towards neutral ones."""
    ideal = np.log([phone.formants for phone in phones])
    reached = ideal + speaker.reduction * (np.log(NEUTRAL_HZ) - ideal)
    slips = rng.normal(0, SLIP, ideal.shape)
    return np.exp(reached + slips) * speaker.formant_scale * speaker.accent


def _melody(f0_hz: float, seconds: float, rng: Generator) -> Melody:
    """Draw the pitch of a clip of `seconds` around a mean of `f0_hz`, with three wobbles."""
    wobbles = np.stack(
        [rng.uniform(0.002, 0.008, 3), rng.uniform(2, 9, 3), rng.uniform(0, 2 * np.pi, 3)]
    )
    return Melody(f0_hz * rng.uniform(0.98, 1.02), seconds, rng.uniform(0.06, 0.18), wobbles)
