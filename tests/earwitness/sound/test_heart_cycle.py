"""Courses of heart states: against an enumeration of all courses, and what they may never do."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earwitness.sound.heart_cycle import MIN_POSTERIOR, Durations, course_segments, decode_states

RATE = 50.0
HEART = Durations((0.12, 0.14, 0.10, 0.3), (0.3, 0.3, 0.3, 0.5))


def compositions(total: int) -> list[list[int]]:
    """All ways to write `total` as an ordered sum of positive numbers."""
    if total == 0:
        return [[]]
    return [[first, *rest] for first in range(1, total + 1) for rest in compositions(total - first)]


def probability(first: int, lengths: list[int], p: np.ndarray, durations: np.ndarray) -> float:
    """Probability of one course, term by term, without logarithms."""
    frames, longest, value, at = p.shape[1], durations.shape[1], 1.0, 0
    for index, length in enumerate(lengths):
        state = (first + index) % len(p)
        value *= np.prod(np.maximum(p[state, at : at + length], MIN_POSTERIOR))
        at += length
        tail = durations[state, length - 1 :].sum()
        if len(lengths) == 1:
            value *= sum(durations[state, beyond:].sum() for beyond in range(frames - 1, longest))
        elif index in (0, len(lengths) - 1):
            value *= tail
        else:
            value *= durations[state, length - 1] if length <= longest else 0
    return float(value)


def course_of(first: int, lengths: list[int], states: int) -> np.ndarray:
    return np.repeat((first + np.arange(len(lengths))) % states, lengths)


def enumerated(p: np.ndarray, durations: np.ndarray) -> tuple[float, dict[bytes, float]]:
    """The best probability of all courses, and that of each."""
    result = {
        course_of(first, lengths, len(p)).tobytes(): probability(first, lengths, p, durations)
        for first, lengths in product(range(len(p)), compositions(p.shape[1]))
    }
    return max(result.values()), result


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(2, 5))
def test_no_course_is_more_likely(seed: int, frames: int, longest: int) -> None:
    """Of all courses of a few frames, none has a higher probability than the decoded one."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(4), frames).T
    durations = random.dirichlet(np.ones(longest), 4)
    durations[random.random(durations.shape) < 0.2] = 0
    durations[:, -1] += 0.1
    with np.errstate(divide="ignore"):
        result = decode_states(p, np.log(durations))
    best, each = enumerated(p, durations)
    assert each[result.tobytes()] == pytest.approx(best, rel=1e-9)


def test_a_noisy_course_is_mended() -> None:
    """Frames of a wrong state within a segment are overruled; the true course comes out."""
    truth = np.tile(np.repeat([0, 1, 2, 3], [6, 7, 5, 15]), 6)[4:-3]
    random = np.random.default_rng(0)
    seen = np.where(random.random(len(truth)) < 0.15, random.integers(0, 4, len(truth)), truth)
    p = np.where(seen == np.arange(4)[:, None], 0.85, 0.05)
    result = decode_states(p, HEART.log_probabilities(RATE))
    assert (seen != truth).mean() > 0.08
    assert (result != truth).mean() < 0.02


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 400))
def test_states_keep_their_order_and_their_limits(seed: int, frames: int) -> None:
    """Whatever the network says, each state follows the one before and lasts as such states do."""
    p = np.random.default_rng(seed).dirichlet(np.ones(4) / 4, frames).T
    logs = HEART.log_probabilities(RATE)
    result = decode_states(p, logs)
    assert set(np.diff(result) % 4) <= {0, 1}
    starts = np.flatnonzero(np.diff(result, prepend=-1))
    lengths = np.diff(np.append(starts, frames))
    assert (lengths <= np.isfinite(logs).cumsum(axis=1).argmax(axis=1)[result[starts]] + 1).all()
    for start, length in list(zip(starts, lengths, strict=True))[1:-1]:
        assert np.isfinite(logs[result[start], length - 1])


def test_a_state_cut_at_an_end_may_be_of_any_length() -> None:
    """One frame of S1 at the end is believed, though no S1 between two others is so short."""
    truth = np.array([3] * 10 + [0])
    p = np.where(truth == np.arange(4)[:, None], 0.97, 0.01)
    logs = HEART.log_probabilities(RATE)
    assert np.isneginf(logs[0, 0])
    assert decode_states(p, logs).tolist() == truth.tolist()


def segments(lengths: list[list[float]]) -> pd.DataFrame:
    """Recordings that begin with S1, one a list."""
    rows = []
    for number, result in enumerate(lengths):
        ends = np.cumsum(result)
        for index, end in enumerate(ends):
            rows.append((f"{number}.flac", end - result[index], end, index % 4 + 1))
    return pd.DataFrame(rows, columns=["file", "start_s", "end_s", "state"])


def test_durations_are_learnt_from_whole_segments() -> None:
    """Medians and log spreads of what is neither first nor last in its recording."""
    random = np.random.default_rng(1)
    means = np.array([0.12, 0.14, 0.10, 0.3])
    drawn = means * np.exp(0.2 * random.standard_normal((400, 4)))
    table = segments([[9.0, *row[1:], *other, 9.0] for row, other in zip(drawn[::2], drawn[1::2])])
    result = Durations.from_segments(table, widening=2.0)
    np.testing.assert_allclose(result.medians, means, rtol=0.05)
    np.testing.assert_allclose(result.spreads, 0.4, rtol=0.12)


def test_equal_segments_still_leave_room() -> None:
    """Without any spread in the annotations the least one is taken."""
    result = Durations.from_segments(segments([[0.1] * 10]))
    assert result.spreads == (0.1,) * 4


def test_probabilities_of_durations() -> None:
    """They add up to one, have the median in the middle, and reach to slow adult hearts."""
    masses = np.exp(HEART.log_probabilities(RATE))
    np.testing.assert_allclose(masses.sum(axis=1), 1)
    middle = (masses.cumsum(axis=1) >= 0.5).argmax(axis=1) + 1
    np.testing.assert_allclose(middle / RATE, HEART.medians, atol=0.5 / RATE + 1e-9)
    learnt = Durations((0.117, 0.13, 0.102, 0.21), (0.31, 0.37, 0.34, 0.54))
    assert np.isneginf(learnt.log_probabilities(RATE)[0, int(0.4 * RATE)])
    assert np.isfinite(learnt.log_probabilities(RATE)[3, int(1.0 * RATE) - 1])


def test_durations_are_averaged_and_kept_as_plain_data() -> None:
    """A geometric mean of medians; what JSON holds comes back the same."""
    twice = Durations(tuple(4 * m for m in HEART.medians), HEART.spreads)
    mean = Durations.average([HEART, twice])
    np.testing.assert_allclose(mean.medians, 2 * np.array(HEART.medians))
    np.testing.assert_allclose(mean.spreads, HEART.spreads)
    assert Durations.from_json(HEART.to_json()) == HEART


def test_intervals_cover_the_recording() -> None:
    """Boundaries are midway between frames; the confidence is that of the decoded state."""
    course = np.array([3, 3, 0, 0, 0, 1])
    posteriors = np.full((4, 6), 0.1)
    posteriors[3, :2], posteriors[0, 2:5], posteriors[1, 5] = 0.5, [0.6, 0.7, 0.8], 0.9
    result = course_segments(course, posteriors, RATE, 0.125)
    assert result.state.tolist() == [4, 1, 2]
    np.testing.assert_allclose(result.start_s, [0, 0.03, 0.09])
    np.testing.assert_allclose(result.end_s, [0.03, 0.09, 0.125])
    np.testing.assert_allclose(result.confidence, [0.5, 0.7, 0.9])
