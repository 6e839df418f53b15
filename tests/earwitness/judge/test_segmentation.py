"""Scores of segmentation: against scikit-learn, and against an independent matching."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from earwitness.judge.segmentation import (
    accuracy,
    confusion,
    count_matches,
    f1,
    onset_f1,
    onset_frames,
    pooled_confusion,
    score_recording,
)

RANDOM = np.random.default_rng(0)
TRUTH, PREDICTED = RANDOM.integers(-1, 4, 300), RANDOM.integers(0, 4, 300)
TIMES = st.lists(st.floats(0, 3), max_size=12).map(lambda times: np.array(sorted(times)))


def test_frames_are_scored_as_scikit_learn_does() -> None:
    """Confusion, accuracy and F1 of the frames whose state is known."""
    known = TRUTH >= 0
    counts = confusion(TRUTH, PREDICTED)
    np.testing.assert_array_equal(counts, confusion_matrix(TRUTH[known], PREDICTED[known]))
    assert accuracy(counts) == pytest.approx(accuracy_score(TRUTH[known], PREDICTED[known]))
    np.testing.assert_allclose(f1(counts), f1_score(TRUTH[known], PREDICTED[known], average=None))


@settings(max_examples=200, deadline=None)
@given(TIMES, TIMES, st.floats(0, 0.5))
def test_no_pairing_has_more_pairs(
    truth: np.ndarray, predicted: np.ndarray, tolerance: float
) -> None:
    """The assignment with most pairs within the tolerance has as many."""
    near = (predicted[None] >= truth[:, None] - tolerance) & (
        predicted[None] <= truth[:, None] + tolerance
    )
    rows, columns = linear_sum_assignment(~near)
    assert count_matches(truth, predicted, tolerance) == near[rows, columns].sum()


def test_each_onset_is_paired_once() -> None:
    """Two found beside one true onset are one pair."""
    assert count_matches(np.array([1.0]), np.array([0.98, 1.02]), 0.06) == 1
    assert count_matches(np.array([0.98, 1.02]), np.array([1.0]), 0.06) == 1
    assert onset_f1(1, 2, 1) == pytest.approx(2 / 3)
    assert np.isnan(onset_f1(0, 0, 0))


def test_onsets_are_changes_between_known_states() -> None:
    """Neither the start of the recording nor the end of what is unknown begins a state."""
    assert onset_frames(np.array([0, 0, 1, 0, 0, -1, 0, 2, 0]), 0).tolist() == [3, 8]


def test_a_recording_is_scored_where_its_states_are_known() -> None:
    """A late S2 counts at the wide tolerance alone; what is found in the unknown does not count."""
    truth = np.repeat([3, 0, 1, 2, 3, -1], [5, 6, 7, 5, 10, 20])
    predicted = np.repeat([3, 0, 1, 2, 3, 0, 1, 2, 3], [5, 6, 11, 1, 10, 5, 5, 5, 5])
    row = score_recording(truth, predicted, 50.0, (60, 100))
    assert (row["S1_true"], row["S1_found"], row["S1_matched_60ms"]) == (1, 1, 1)
    assert (row["S2_true"], row["S2_found"]) == (1, 1)
    assert (row["S2_matched_60ms"], row["S2_matched_100ms"]) == (0, 1)
    assert row["S2_as_systole"] == 4


@pytest.mark.parametrize("first", range(35, 45))
def test_a_shift_by_the_tolerance_still_counts(first: int) -> None:
    """Three frames of 20 ms are 60 ms, whatever floating point says."""
    truth = np.repeat([3, 0, 1, 2, 3], [first, 6, 7, 5, 10])
    row = score_recording(truth, np.roll(truth, 3), 50.0, (60,))
    assert row["S1_matched_60ms"] == row["S2_matched_60ms"] == 1
    assert score_recording(truth, np.roll(truth, 4), 50.0, (60,))["S1_matched_60ms"] == 0


def test_counts_of_recordings_add_up() -> None:
    """The confusion of all frames is the sum over recordings."""
    rows = [
        score_recording(TRUTH[part], PREDICTED[part], 50.0, (60,))
        for part in (slice(99), slice(99, 300))
    ]
    np.testing.assert_array_equal(pooled_confusion(pd.DataFrame(rows)), confusion(TRUTH, PREDICTED))
