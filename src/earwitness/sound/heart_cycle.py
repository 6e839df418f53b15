"""The states of the cardiac cycle: names, durations, and the most likely sequence of states.

The sequence (course) is decoded under an explicit-duration (semi-Markov) model: states follow each
other in the order of the cycle, with durations from a distribution of their own. A recording may
begin and end anywhere in a state. Frames are evenly spaced and stand for the time around their
centres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

STATES = ("S1", "systole", "S2", "diastole")
"""In the order of the cycle. In a track of states, index k of this list is k + 1; 0 is unknown."""

MIN_POSTERIOR = 0.01
"""Floor of the posterior of a state in the decoder: no single frame can rule a state out."""

MAX_DEVIATIONS = 3.0
"""Standard deviations from its median beyond which the logarithm of a duration is cut off."""


@dataclass(frozen=True)
class Durations:
    """Log-normal durations of the states, cut off `MAX_DEVIATIONS` spreads from the median.

    Attributes:
        medians: of each state, in s.
        spreads: standard deviation of the natural logarithm of each state's duration.
    """

    medians: tuple[float, ...]
    spreads: tuple[float, ...]

    @classmethod
    def from_segments(
        cls, segments: pd.DataFrame, widening: float = 1.5, least: float = 0.1
    ) -> "Durations":
        """Durations estimated from annotated segments, their spread times `widening`.

        Other hearts are slower or faster than those that were annotated. The first and the last
        segment of a recording are left out, because they may be incomplete.

        Args:
            segments: file, start_s, end_s and state (counted from 1; 0 is ignored), in temporal
                order.
            widening: factor of the spreads.
            least: smallest spread, however similar the segments are.
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
        """The durations that `to_json` wrote."""
        return cls(tuple(plain["medians"]), tuple(plain["spreads"]))

    def to_json(self) -> dict[str, Any]:
        """Medians and spreads as JSON values."""
        return asdict(self)

    def log_probabilities(self, frame_rate: float) -> np.ndarray:
        """Natural logarithm of the probability that each state lasts 1, 2, ... frames.

        Args:
            frame_rate: in Hz.

        Returns:
            `(states, longest)`; minus infinity for durations that a state never has.
        """
        logs, spreads = np.log(self.medians)[:, None], np.array(self.spreads)[:, None]
        longest = int(np.ceil(np.exp(logs + MAX_DEVIATIONS * spreads).max() * frame_rate))
        edges = (np.arange(longest + 1) + 0.5) / frame_rate
        distances = (np.log(edges) - logs) / spreads
        masses = np.diff(norm.cdf(np.clip(distances, -MAX_DEVIATIONS, MAX_DEVIATIONS)), axis=1)
        with np.errstate(divide="ignore"):
            return np.log(masses / masses.sum(axis=1, keepdims=True))


def decode_states(posteriors: np.ndarray, log_durations: np.ndarray) -> np.ndarray:
    """The most likely sequence of states (explicit-duration Viterbi).

    Maximises the product of the posteriors of all frames and the probabilities of all durations.
    The recording starts and ends at a random time of the cycle (a stationary renewal process), so
    the first and the last segment count with the probability that the state lasts at least as
    long.

    Args:
        posteriors: probabilities `(states, frames)` of a segmenter.
        log_durations: log-probabilities `(states, longest)`, see `Durations.log_probabilities`.

    Returns:
        int64 `(frames,)`, the state of each frame, counted from 0.
    """
    scores = np.log(np.maximum(posteriors, MIN_POSTERIOR))
    totals = np.pad(np.cumsum(scores, axis=1), ((0, 0), (1, 0)))
    survival = _log_tails(log_durations)
    before, lasted = _forward(totals, log_durations, survival)
    return _backtrack(*_last(totals, before, survival), lasted)


def _log_tails(logs: np.ndarray) -> np.ndarray:
    """Log-probabilities `(states, longest)` of lasting at least 1, 2, ... frames."""
    return np.logaddexp.accumulate(logs[:, ::-1], axis=1)[:, ::-1]


def _forward(
    totals: np.ndarray, log_durations: np.ndarray, survival: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The forward pass over cumulative log-posteriors `totals` `(states, frames + 1)`.

    Log-probabilities `(states, longest)` are of durations and of lasting at least as long.

    Returns:
        `before` `(states, longest + frames + 1)`: log-score of the best sequence up to the
            boundary where a state begins, minus its total there, after `longest` times -inf.
        `lasted` `(states, frames + 1)`: frames of the segment that ends at each boundary.
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
        argmax = candidates.argmax(axis=1)
        inner = candidates[rows, argmax]
        best = np.maximum(inner, started[:, end])
        lasted[:, end] = np.where(inner > started[:, end], longest - argmax, end)
        following = np.roll(best + totals[:, end], 1)
        before[:, longest + end] = following - totals[:, end]
    return before, lasted


def _last(totals: np.ndarray, before: np.ndarray, survival: np.ndarray) -> tuple[int, int, int]:
    """State and length of the last segment of the best sequence, and the number of frames.

    Args:
        totals: cumulative log-posteriors `(states, frames + 1)`.
        before: log-scores `(states, longest + frames + 1)`, see `_forward`.
        survival: log-probabilities `(states, longest)` of lasting at least as long.
    """
    longest, frames = survival.shape[1], totals.shape[1] - 1
    ending = before[:, frames : frames + longest] + survival[:, ::-1]
    alone = np.full((len(totals), 1), -np.inf)
    if frames <= longest:
        alone[:, 0] = _log_tails(survival)[:, frames - 1]
    options = np.concatenate([ending, alone], axis=1) + totals[:, -1:]
    state, option = np.unravel_index(options.argmax(), options.shape)
    return int(state), frames if option == longest else longest - int(option), frames


def _backtrack(state: int, length: int, frames: int, lasted: np.ndarray) -> np.ndarray:
    """States `(frames,)` of the best sequence, whose last segment is `length` frames of `state`."""
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
    """Segments of a sequence of states, and the confidence of the segmenter in each.

    Boundaries are midway between the centres of two frames; the first frame is at 0 s.

    Args:
        course: state of each frame `(frames,)`, counted from 0.
        posteriors: probabilities `(states, frames)`.
        frame_rate: in Hz.
        seconds: length of the recording.

    Returns:
        One row a segment: start_s, end_s, state (counted from 1) and confidence, the mean
        posterior of its state.
    """
    starts = np.flatnonzero(np.diff(course, prepend=-1))
    ends = np.append(starts[1:], len(course))
    own_posterior = posteriors[course, np.arange(len(course))]
    edges = (starts - 0.5).clip(min=0) / frame_rate
    return pd.DataFrame(
        {
            "start_s": edges,
            "end_s": np.append(edges[1:], seconds),
            "state": course[starts] + 1,
            "confidence": np.add.reduceat(own_posterior, starts) / (ends - starts),
        }
    )
