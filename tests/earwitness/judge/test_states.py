"""What speaks for a class in each state: by hand, at chance, and where there is nothing."""

import pytest
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.judge.states import relevance_per_state, state_shares
from earwitness.sound.heart_cycle import STATES

RATE = 1000
TRACK = torch.tensor([1, 2, 3, 4, 0]).repeat_interleave(torch.tensor([100, 200, 100, 500, 100]))
"""One beat of 0.9 s, and 0.1 s of which nothing is known."""


def explained(values: Tensor, *axes: Axis) -> Explanation:
    """Values on axes, of nothing in particular."""
    return Explanation(values, axes, "abnormal", 0.5, "planted", {}, None)


def over_time(values: Tensor) -> Explanation:
    """Values of equal parts of one second."""
    return explained(values, Axis("time", "s", (torch.arange(len(values)) + 0.5) / len(values)))


def test_tenths_of_a_second_by_hand() -> None:
    """What speaks against the class and what is of no state do not count."""
    values = torch.tensor([1.0, 2.0, 3.0, -5.0, 1.0, 1.0, 0.0, -1.0, 0.0, 9.0])
    result = state_shares(over_time(values), TRACK, RATE)
    assert relevance_per_state(over_time(values), TRACK, RATE).tolist() == pytest.approx(
        [1, 5, 0, 2], abs=1e-5
    )
    assert result.state.tolist() == list(STATES)
    assert result.share.tolist() == pytest.approx([1 / 8, 5 / 8, 0, 2 / 8], abs=1e-5)
    assert result.chance.tolist() == pytest.approx([1 / 9, 2 / 9, 1 / 9, 5 / 9])
    assert result.density.tolist() == pytest.approx([9 / 8, 45 / 16, 0, 9 / 20], abs=1e-5)


def test_the_same_everywhere_is_chance() -> None:
    """A state that lasts longer has more, and a density of one like all others."""
    result = state_shares(over_time(torch.full((1000,), 0.3)), TRACK, RATE)
    assert result.share.tolist() == pytest.approx(result.chance.tolist())
    assert result.density.tolist() == pytest.approx([1] * 4)


def test_a_planted_state_has_it_all() -> None:
    """Coarse frames that lie within it; rows are summed first."""
    values = torch.zeros(2, 50)
    values[0, 5:15] = 2
    values[1, 5:15] = -1
    frames = Axis("time", "s", (torch.arange(50) + 0.5) / 50)
    rows = explained(values, Axis("channel", "", torch.arange(2)), frames)
    assert relevance_per_state(rows, TRACK, RATE).tolist() == pytest.approx([0, 10, 0, 0])
    assert state_shares(rows, TRACK, RATE).share.tolist() == pytest.approx([0, 1, 0, 0])


def test_components_that_are_states() -> None:
    """Wherever they stand among others."""
    axis = Axis.of_names("component", ["S1 row", *reversed(STATES)])
    result = relevance_per_state(
        explained(torch.tensor([7.0, 4.0, 3.0, -2.0, 1.0]), axis), TRACK, RATE
    )
    assert result.tolist() == [1, 0, 3, 4]


def test_nothing_for_the_class_has_no_share() -> None:
    """Nor has a state that there is not a density."""
    assert state_shares(over_time(-torch.ones(10)), TRACK, RATE).share.isna().all()
    result = state_shares(over_time(torch.ones(10)), torch.full((1000,), 2), RATE)
    assert result.share.tolist() == [0, 1, 0, 0]
    assert result.density.isna().tolist() == [True, False, True, True]


def test_neither_time_nor_states_is_refused() -> None:
    """Rows say nothing of when."""
    with pytest.raises(InputError, match="neither time nor states"):
        relevance_per_state(explained(torch.ones(2), Axis.of_names("row", ["a", "b"])), TRACK, RATE)
