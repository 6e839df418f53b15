"""Accuracy of a segmentation of heart sounds into states: by frames, and by onsets of S1 and S2."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from earwitness.sound.heart_cycle import STATES

HEART_SOUNDS = ("S1", "S2")
"""States whose onsets are scored."""


def confusion(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The number of frames of each true state (row) that were assigned to each state (column).

    Args:
        truth: states `(frames,)`, counted from 0; frames of a negative one do not count.
        predicted: states `(frames,)`, counted from 0.

    Returns:
        int64 `(states, states)`, in frames.
    """
    known = truth >= 0
    counts = np.zeros((len(STATES), len(STATES)), dtype=np.int64)
    np.add.at(counts, (truth[known], predicted[known]), 1)
    return counts


def accuracy(counts: np.ndarray) -> float:
    """Share in [0, 1] of the frames on the diagonal of a confusion matrix `(states, states)`."""
    return float(np.trace(counts) / counts.sum())


def f1(counts: np.ndarray) -> np.ndarray:
    """F1 of each state `(states,)`, in [0, 1], of a confusion matrix `(states, states)`."""
    return 2 * np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1))


def onset_frames(course: np.ndarray, state: int) -> np.ndarray:
    """Frames at which a state begins after another known one.

    A state at the start of a recording or after unknown frames may have begun earlier: it has no
    onset.

    Args:
        course: state of each frame `(frames,)`, counted from 0; below 0 where it is unknown.
        state: counted from 0.

    Returns:
        int64 `(onsets,)`, numbers of frames.
    """
    begins = (course[1:] == state) & (course[:-1] != state) & (course[:-1] >= 0)
    return np.flatnonzero(begins) + 1


def count_matches(truth: np.ndarray, predicted: np.ndarray, tolerance: float) -> int:
    """The largest number of onsets that pair one to one, no pair further apart than `tolerance`.

    Greedy pairing of the earliest onsets is optimal, because both sequences are sorted.

    Args:
        truth: sorted times `(true onsets,)`, in s.
        predicted: sorted times `(predicted onsets,)`, in s.
        tolerance: in s.

    Returns:
        The number of pairs.
    """
    pairs = index = 0
    for time in truth:
        while index < len(predicted) and predicted[index] < time - tolerance:
            index += 1
        if index < len(predicted) and predicted[index] <= time + tolerance:
            pairs += 1
            index += 1
    return pairs


def onset_f1(pairs: float, predicted: float, true: float) -> float:
    """F1 in [0, 1] of numbers of onsets, of which `pairs` matched; NaN if there are no onsets."""
    return 2 * pairs / (predicted + true) if predicted + true else np.nan


def score_recording(
    truth: np.ndarray, predicted: np.ndarray, frame_rate: float, tolerances_ms: Sequence[int]
) -> dict[str, Any]:
    """Counts of frames and onsets of one recording, which may be summed over recordings.

    Args:
        truth: states `(frames,)`, counted from 0, negative where unknown.
        predicted: states `(frames,)`, counted from 0; ignored where the truth is unknown.
        frame_rate: in Hz.
        tolerances_ms: for onsets, in ms.

    Returns:
        `<true>_as_<predicted>` frames, and of each of `HEART_SOUNDS` the onsets `<sound>_true`,
        `<sound>_found` (predicted) and `<sound>_matched_<tolerance>ms`.
    """
    counts = confusion(truth, predicted)
    row: dict[str, Any] = {
        f"{state}_as_{other}": int(counts[i, j])
        for i, state in enumerate(STATES)
        for j, other in enumerate(STATES)
    }
    courses = truth, np.where(truth >= 0, predicted, -1)
    for sound in HEART_SOUNDS:
        row |= _onset_counts(sound, *courses, frame_rate, tolerances_ms)
    return row


def _onset_counts(
    sound: str,
    truth: np.ndarray,
    predicted: np.ndarray,
    frame_rate: float,
    tolerances_ms: Sequence[int],
) -> dict[str, int]:
    """Counts of the onsets of one heart sound in two courses `(frames,)`, see `score_recording`."""
    state = STATES.index(sound)
    onsets, others = (onset_frames(course, state) / frame_rate for course in (truth, predicted))
    row = {f"{sound}_true": len(onsets), f"{sound}_found": len(others)}
    for tolerance in tolerances_ms:
        # Times of frames are not exact in binary; without a margin, 60 ms could exceed 60 ms.
        within = tolerance / 1000 + 1e-9
        row[f"{sound}_matched_{tolerance}ms"] = count_matches(onsets, others, within)
    return row


def pooled_confusion(rows: pd.DataFrame) -> np.ndarray:
    """Confusion matrix `(states, states)`, in frames, of recordings scored by `score_recording`."""
    names = [[f"{true}_as_{other}" for other in STATES] for true in STATES]
    return np.array([[rows[name].sum() for name in line] for line in names])
