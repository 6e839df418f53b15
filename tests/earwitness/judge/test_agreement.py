"""Do explanations agree: against scipy, and at the ends of the scale."""

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor

from earwitness.explain.explanation import Axis, Explanation
from earwitness.judge.agreement import pairwise_rank_correlations, same_top_state


def explained(values: Tensor, seconds: float = 1.0) -> Explanation:
    """Values at the middles of equal parts of a second."""
    axis = Axis("time", "s", (torch.arange(len(values)) + 0.5) * seconds / len(values))
    return Explanation(values, (axis,), "abnormal", 0.5, "planted", {}, None)


def test_equals_scipy_with_ties() -> None:
    """Values in as many bins as there are need no sharing out."""
    random = torch.Generator().manual_seed(2)
    maps = {name: torch.randint(4, (10,), generator=random).float() for name in "abc"}
    result = pairwise_rank_correlations({name: explained(each) for name, each in maps.items()}, 1.0)
    assert list(zip(result["first"], result["second"], strict=True)) == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    for row in result.itertuples():
        expected = spearmanr(maps[row.first], maps[row.second]).statistic
        assert row.rank_correlation == pytest.approx(expected, abs=1e-9)


def test_steps_and_scale_do_not_matter() -> None:
    """The same rising curve in 10 and in 50 steps, and turned round."""
    coarse, fine = torch.arange(10.0), torch.arange(50.0) * 7
    result = pairwise_rank_correlations(
        {"coarse": explained(coarse), "fine": explained(fine), "falling": explained(-fine)}, 1.0
    )
    assert result.rank_correlation.tolist() == pytest.approx([1, -1, -1])


def test_a_flat_map_agrees_with_nothing() -> None:
    """It says the same of all bins."""
    result = pairwise_rank_correlations(
        {"flat": explained(torch.ones(10)), "other": explained(torch.arange(10.0))}, 1.0
    )
    assert result.rank_correlation.isna().all()


def test_top_states() -> None:
    """The same or not; nothing to say of an explanation without anything for the class."""
    values = {
        "a": torch.tensor([0.1, 0.7, 0.0, 0.2]),
        "b": torch.tensor([1.0, 9.0, 8.0, 0.0]),
        "c": torch.tensor([0.0, 0.0, 1.0, 0.0]),
        "nothing": torch.zeros(4),
    }
    result = same_top_state(values).set_index(["first", "second"]).same_top_state
    assert result["a", "b"] == 1
    assert result["a", "c"] == result["b", "c"] == 0
    assert result[[("a", "nothing"), ("b", "nothing"), ("c", "nothing")]].isna().all()
