"""Values in bins of time: nothing is lost, whatever the steps."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.bins import binned, equal_bins
from earwitness.explain.explanation import Axis, Explanation


def explained(values: Tensor, *axes: Axis) -> Explanation:
    """Values on axes, of nothing in particular."""
    return Explanation(values, axes, "abnormal", 0.5, "planted", {}, None)


def seconds(positions: list[float]) -> Axis:
    """An axis of time."""
    return Axis("time", "s", torch.tensor(positions, dtype=torch.float64))


def test_fine_steps_are_added_up_and_coarse_ones_shared_out() -> None:
    """By hand: frames of 1 s about 0, 1, 2, 3 s, of which the first has only half its time."""
    fine = explained(torch.tensor([1.0, 2.0, 4.0, 8.0]), seconds([0, 1, 2, 3]))
    found = binned(fine, torch.tensor([0.0, 1.5, 3.5]))
    assert found.values.tolist() == [3, 12]
    assert found.axes[0].values.tolist() == [0.75, 2.5]
    assert binned(fine, torch.tensor([0.5, 0.75, 1.0, 1.5])).values.tolist() == [0.5, 0.5, 1]


def test_other_axes_are_summed() -> None:
    """A row counts as much as another."""
    values = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    of_rows = explained(values, Axis("channel", "", torch.arange(2)), seconds([0.5, 1.5]))
    assert binned(of_rows, equal_bins(2, 1)).values.tolist() == [11, 22]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), frames=st.integers(2, 40), bins=st.integers(1, 60))
def test_the_sum_stays(seed: int, frames: int, bins: int) -> None:
    """As long as the bins cover all of the time, evenly or not."""
    random = torch.Generator().manual_seed(seed)
    values = torch.randn(frames, generator=random)
    positions = (torch.rand(frames, generator=random) + 0.01).cumsum(0).tolist()
    found = binned(
        explained(values, seconds(positions)), equal_bins(3.0 * frames, 3.0 * frames / bins)
    )
    assert len(found.values) == bins
    assert float(found.values.sum()) == pytest.approx(float(values.sum()), abs=1e-5)


def test_bins_are_as_long_as_they_can_be() -> None:
    """All of one length, the last one ends with the sound."""
    assert equal_bins(1.0, 0.25).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert equal_bins(1.0, 0.3).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert equal_bins(0.05, 0.1).tolist() == pytest.approx([0, 0.05])


def test_a_single_step_is_refused() -> None:
    """The length of its interval is unknown."""
    with pytest.raises(InputError, match="one step of time"):
        binned(explained(torch.ones(1), seconds([1])), equal_bins(1, 0.1))
