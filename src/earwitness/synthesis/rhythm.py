"""When each state of a heart's cycles begins: the rate, the breath, and durations as in CirCor."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from earwitness.sound.heart_cycle import STATES
from earwitness.synthesis.subjects import Subject

Array = NDArray[np.float64]

CYCLES_S = (0.42, 0.55, 0.65, 0.75, 0.88, 1.1)
MEANS_S = {
    "S1": (0.096, 0.120, 0.126, 0.130, 0.132, 0.134),
    "systole": (0.122, 0.129, 0.145, 0.161, 0.186, 0.270),
    "S2": (0.084, 0.106, 0.111, 0.116, 0.114, 0.120),
}
"""Mean durations in recordings whose mean cycle is `CYCLES_S` (annotations of CirCor 1.0.3)."""

SLIP = 0.04  # a beat's durations, standard deviation of the logarithm
DIASTOLE_S = 0.1  # what a short cycle leaves of it


@dataclass(frozen=True)
class Rhythm:
    """Cycles that cover a recording.

    Attributes:
        edges: (cycles, 5), in s from the recording's start: onsets of S1, systole, S2 and
            diastole, and the end of the cycle. The first cycle may begin before the recording
            and the last end after it.
        seconds: length of the recording.
        breath: (cycles,) phase of the breath at each S1, in radians.
    """

    edges: Array
    seconds: float
    breath: Array

    @property
    def rate_bpm(self) -> float:
        """Cycles a minute."""
        return float(60 * len(self.edges) / (self.edges[-1, -1] - self.edges[0, 0]))

    def spans(self, state: str) -> Array:
        """Onset and offset (cycles, 2) of a state in each cycle, in s."""
        first = STATES.index(state)
        return self.edges[:, first : first + 2]

    def segments(self) -> list[tuple[float, float, int]]:
        """Start, end and number (from 1) of the states that cover the recording, one by one."""
        onsets, last = self.edges[:, :-1].ravel(), self.edges[-1, -1]
        edges = np.clip([*onsets, last], 0, self.seconds).tolist()
        numbers = [*range(1, len(STATES) + 1)] * len(self.edges)
        spans = zip(edges[:-1], edges[1:], numbers, strict=True)
        return [(start, end, number) for start, end, number in spans if start < end]


def rhythm(person: Subject, seconds: float, rng: Generator) -> Rhythm:
    """Cycles of a subject for a recording of `seconds` that starts anywhere in the first."""
    mean = 60 / person.rate_bpm * rng.uniform(0.95, 1.05)
    count = int(1.5 * seconds / mean) + 3
    breath = 2 * np.pi * (person.breaths_hz * mean * np.arange(count) + rng.random())
    slips = rng.normal(0, person.jitter, count)
    cycles = mean * np.exp(person.breathing * np.sin(breath) + slips)
    ends = np.cumsum(cycles) - rng.random() * cycles[0]
    kept = int(np.searchsorted(ends, seconds)) + 1
    edges = _edges(ends - cycles, cycles, person, rng)[:kept].round(3)
    return Rhythm(edges, seconds, np.asarray(breath[:kept]))


def _edges(starts: Array, cycles: Array, person: Subject, rng: Generator) -> Array:
    """Onsets of the states of each cycle and its end (cycles, 5)."""
    cycle = 60 / person.rate_bpm
    means = np.array([np.interp(cycle, CYCLES_S, table) for table in MEANS_S.values()])
    lengths = means * np.array(person.stretch) * rng.lognormal(0, SLIP, (len(cycles), 3))
    lengths *= np.minimum(1, (cycles - DIASTOLE_S) / lengths.sum(axis=1))[:, None]
    onsets = np.hstack([np.zeros((len(cycles), 1)), np.cumsum(lengths, axis=1), cycles[:, None]])
    return np.asarray(starts[:, None] + onsets)
