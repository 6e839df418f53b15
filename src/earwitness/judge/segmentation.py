"""How well a heart sound's states were found: frame by frame, and where its sounds begin."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from earwitness.sound.heart_cycle import STATES

HEART_SOUNDS = ("S1", "S2")
"""The states whose onsets are scored."""


def confusion(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How many frames of each true state (row) were found to be in each state (column).

    Args:
        truth: `(frames,)`, counted from 0; frames of a negative one do not count.
        found: `(frames,)`, counted from 0.

    Returns:
        int64 `(states, states)`.
    """
    known = truth >= 0
    counts = np.zeros((len(STATES), len(STATES)), dtype=np.int64)
    np.add.at(counts, (truth[known], found[known]), 1)
    return counts


def accuracy(counts: np.ndarray) -> float:
    """Share of the frames on the diagonal of a confusion matrix `(states, states)`."""
    return float(np.trace(counts) / counts.sum())


def f1(counts: np.ndarray) -> np.ndarray:
    """F1 of each state `(states,)`: the harmonic mean of its precision and its recall."""
    return 2 * np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1))


def onset_frames(course: np.ndarray, state: int) -> np.ndarray:
    """Frames at which a state begins after another known one (counted from 0, unknown below 0).

    What a recording or an annotated stretch begins with may have begun before it: it has none.
    """
    begins = (course[1:] == state) & (course[:-1] != state) & (course[:-1] >= 0)
    return np.flatnonzero(begins) + 1


def count_matches(truth: np.ndarray, found: np.ndarray, tolerance: float) -> int:
    """How many onsets can be paired one to one, no pair further apart than `tolerance`.

    The pairing is the largest there is: in sorted sequences, the earliest of either that can be
    paired at all is best paired with the earliest of the other.

    Args:
        truth: sorted times.
        found: sorted times, in the same unit.
        tolerance: in that unit.

    Returns:
        The number of pairs.
    """
    pairs = place = 0
    for time in truth:
        while place < len(found) and found[place] < time - tolerance:
            place += 1
        if place < len(found) and found[place] <= time + tolerance:
            pairs += 1
            place += 1
    return pairs


def onset_f1(pairs: float, found: float, true: float) -> float:
    """F1 of onsets, of which `pairs` were paired; NaN where there are none at all."""
    return 2 * pairs / (found + true) if found + true else np.nan


def score_recording(
    truth: np.ndarray, found: np.ndarray, frame_rate: float, tolerances_ms: Sequence[int]
) -> dict[str, Any]:
    """Counts of one recording, which add up over recordings.

    Args:
        truth: `(frames,)`, counted from 0, negative where unknown.
        found: `(frames,)`, counted from 0. What is found where the truth is unknown does not count.
        frame_rate: in Hz.
        tolerances_ms: of onsets, in ms.

    Returns:
        `<true>_as_<found>` frames, and of each sound of `SOUNDS` the onsets `<sound>_true`,
        `<sound>_found` and `<sound>_matched_<tolerance>ms`.
    """
    counts = confusion(truth, found)
    row: dict[str, Any] = {
        f"{state}_as_{other}": int(counts[i, j])
        for i, state in enumerate(STATES)
        for j, other in enumerate(STATES)
    }
    told = np.where(truth >= 0, found, -1)
    for sound in HEART_SOUNDS:
        true, others = (
            onset_frames(course, STATES.index(sound)) / frame_rate for course in (truth, told)
        )
        row |= {f"{sound}_true": len(true), f"{sound}_found": len(others)}
        for tolerance in tolerances_ms:
            # A hair more, because times of frames are no round numbers.
            within = tolerance / 1000 + 1e-9
            row[f"{sound}_matched_{tolerance}ms"] = count_matches(true, others, within)
    return row


def pooled_confusion(rows: pd.DataFrame) -> np.ndarray:
    """The confusion matrix `(states, states)` of all recordings whose counts `score_recording` returned."""
    names = [[f"{true}_as_{found}" for found in STATES] for true in STATES]
    return np.array([[rows[name].sum() for name in line] for line in names])
