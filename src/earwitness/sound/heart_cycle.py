"""The states of a heart's cycle: their names, how long they last, and their most likely course.

A course is decoded under an explicit-duration (semi-Markov) model: states follow each other in the
order of the cycle, and each lasts as states of its kind do. A recording may begin and end anywhere
in a state. Frames are evenly spaced and stand for the time around their centres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

STATES = ("S1", "systole", "S2", "diastole")
"""In the order of the cycle. In a track of states, state k of this list is k + 1; 0 is unknown."""

MIN_POSTERIOR = 0.01
"""Least posterior of a state that the decoder believes: no frame alone can rule a state out."""

MAX_DEVIATIONS = 3.0
"""How many spreads from its median the logarithm of a duration may be."""


@dataclass(frozen=True)
class Durations:
    """How long the states last: log-normal each, cut off `REACH` spreads from the median.

    Attributes:
        medians: in s, one a state.
        spreads: standard deviation of the natural logarithm, one a state.
    """

    medians: tuple[float, ...]
    spreads: tuple[float, ...]

    @classmethod
    def from_segments(
        cls, segments: pd.DataFrame, widening: float = 1.5, least: float = 0.1
    ) -> "Durations":
        """Durations of annotated segments, their spread times `widening`.

        Other hearts are slower or faster than those that were annotated. The first and the last
        segment of a recording are left out, because they may have been cut.

        Args:
            segments: file, start_s, end_s and state (counted from 1; 0 is passed over), in the
                order of time.
            widening: factor of the spreads.
            least: smallest spread, however alike the segments are.
        """
        whole = segments[segments.file.duplicated() & segments.file.duplicated(keep="last")]
        logs = (whole.end_s - whole.start_s).map(np.log).groupby(whole.state)
        numbers = range(1, len(STATES) + 1)
        medians, spreads = logs.median(), logs.std().fillna(0) * widening
        return cls(
            tuple(float(np.exp(medians[number])) for number in numbers),
            tuple(max(float(spreads[number]), least) for number in numbers),
        )

    @classmethod
    def average(cls, several: "Sequence[Durations]") -> "Durations":
        """Geometric mean of the medians and mean of the spreads."""
        medians = np.exp(np.mean([np.log(each.medians) for each in several], axis=0))
        spreads = np.mean([each.spreads for each in several], axis=0)
        return cls(tuple(medians.tolist()), tuple(spreads.tolist()))

    @classmethod
    def from_json(cls, plain: Mapping[str, Sequence[float]]) -> "Durations":
        """The durations that `plain` wrote."""
        return cls(tuple(plain["medians"]), tuple(plain["spreads"]))

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def log_probabilities(self, frame_rate: float) -> np.ndarray:
        """Logarithm of the probability that each state lasts 1, 2, ... frames.

        Args:
            frame_rate: in Hz.

        Returns:
            `(states, longest)`; minus infinity where a state never lasts so long.
        """
        logs, spreads = np.log(self.medians)[:, None], np.array(self.spreads)[:, None]
        longest = int(np.ceil(np.exp(logs + MAX_DEVIATIONS * spreads).max() * frame_rate))
        edges = (np.arange(longest + 1) + 0.5) / frame_rate
        distances = (np.log(edges) - logs) / spreads
        masses = np.diff(norm.cdf(np.clip(distances, -MAX_DEVIATIONS, MAX_DEVIATIONS)), axis=1)
        with np.errstate(divide="ignore"):
            return np.log(masses / masses.sum(axis=1, keepdims=True))


def decode_states(posteriors: np.ndarray, log_durations: np.ndarray) -> np.ndarray:
    """The most likely course of the states (explicit-duration Viterbi).

    The posteriors of a course multiply, and so do the probabilities of its durations. The heart
    beat before the recording began and went on after it: the first and the last segment are cut
    at a place of no importance (a stationary renewal process), so that either counts with the
    probability that a state lasts at least so long.

    Args:
        posteriors: `(states, frames)`, what a segmenter finds in each frame.
        log_durations: `(states, longest)`, see `Durations.log_probabilities`.

    Returns:
        `(frames,)`, the state of each frame, counted from 0.
    """
    scores = np.log(np.maximum(posteriors, MIN_POSTERIOR))
    totals = np.pad(np.cumsum(scores, axis=1), ((0, 0), (1, 0)))
    survival = _log_tails(log_durations)
    before, lasted = _forward(totals, log_durations, survival)
    return _backtrack(*_last(totals, before, survival), lasted)


def _log_tails(logs: np.ndarray) -> np.ndarray:
    """Logarithms `(states, longest)` of the sums of what is at a duration and beyond it."""
    return np.logaddexp.accumulate(logs[:, ::-1], axis=1)[:, ::-1]


def _forward(
    totals: np.ndarray, log_durations: np.ndarray, survival: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best scores of courses that end a segment, seen from the segment that begins after it.

    Returns:
        `before` `(states, longest + frames + 1)`: the score of the best course up to a boundary
            after which a state begins, less the state's total there; `longest` columns of minus
            infinity come first. `lasted` `(states, frames + 1)`: frames of the segment of each
            state that ends at each boundary.
    """
    states, longest = log_durations.shape
    boundaries = totals.shape[1]
    before = np.full((states, longest + boundaries), -np.inf)
    lasted = np.zeros((states, boundaries), dtype=np.int64)
    started = np.full((states, boundaries), -np.inf)
    reach = min(longest, boundaries - 1)
    started[:, 1 : reach + 1] = survival[:, :reach]
    backwards = log_durations[:, ::-1].copy()
    rows = np.arange(states)
    for end in range(1, boundaries):
        candidates = before[:, end : end + longest] + backwards
        places = candidates.argmax(axis=1)
        inner = candidates[rows, places]
        best = np.maximum(inner, started[:, end])
        lasted[:, end] = np.where(inner > started[:, end], longest - places, end)
        following = np.roll(best + totals[:, end], 1)
        before[:, longest + end] = following - totals[:, end]
    return before, lasted


def _last(totals: np.ndarray, before: np.ndarray, survival: np.ndarray) -> tuple[int, int, int]:
    """State and length of the last segment of the best course, and the number of frames."""
    longest, frames = survival.shape[1], totals.shape[1] - 1
    ending = before[:, frames : frames + longest] + survival[:, ::-1]
    alone = np.full((len(totals), 1), -np.inf)
    if frames <= longest:
        alone[:, 0] = _log_tails(survival)[:, frames - 1]
    options = np.concatenate([ending, alone], axis=1) + totals[:, -1:]
    state, place = np.unravel_index(options.argmax(), options.shape)
    return int(state), frames if place == longest else longest - int(place), frames


def _backtrack(state: int, length: int, frames: int, lasted: np.ndarray) -> np.ndarray:
    """The course whose last segment is of `state` and `length` frames long."""
    course = np.empty(frames, dtype=np.int64)
    end = frames
    while True:
        course[end - length : end] = state
        end -= length
        if end == 0:
            return course
        state = (state - 1) % len(lasted)
        length = int(lasted[state, end])


def course_segments(
    course: np.ndarray, posteriors: np.ndarray, frame_rate: float, seconds: float
) -> pd.DataFrame:
    """Segments of a course of states, with how sure the segmenter is of each.

    A boundary is midway between the centres of two frames, the first of which is at 0 s.

    Args:
        course: `(frames,)`, counted from 0.
        posteriors: `(states, frames)`.
        frame_rate: in Hz.
        seconds: length of the recording.

    Returns:
        One row a segment: start_s, end_s, state (counted from 1) and confidence, the mean
        posterior of its state.
    """
    starts = np.flatnonzero(np.diff(course, prepend=-1))
    ends = np.append(starts[1:], len(course))
    chosen = posteriors[course, np.arange(len(course))]
    edges = (starts - 0.5).clip(min=0) / frame_rate
    return pd.DataFrame(
        {
            "start_s": edges,
            "end_s": np.append(edges[1:], seconds),
            "state": course[starts] + 1,
            "confidence": np.add.reduceat(chosen, starts) / (ends - starts),
        }
    )
