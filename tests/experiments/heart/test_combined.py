"""Two maps in one: by hand, and what may not matter."""

import pytest
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.bins import equal_bins
from earwitness.explain.explanation import Axis, Explanation
from experiments.heart.combined import combined

EDGES = equal_bins(4, 1)


def explained(values: Tensor, method: str = "one", target: str = "abnormal") -> Explanation:
    """Values at the middles of four seconds."""
    axis = Axis("time", "s", torch.arange(4) + 0.5)
    return Explanation(values, (axis,), target, 0.7, method, {"n": 1}, None)


FIRST = explained(torch.tensor([2.0, 4.0, -9.0, 1.0]))
SECOND = explained(torch.tensor([5.0, 5.0, 10.0, -1.0]), "two")


def test_both_must_speak_for_the_class() -> None:
    """A product of what is above zero, each scaled to its maximum."""
    found = combined(FIRST, SECOND, EDGES)
    assert found.values.tolist() == [0.25, 0.5, 0, 0]
    assert found.axes[0].values.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert (found.method, found.target, found.probability) == ("one x two", "abnormal", 0.7)
    assert found.gap is None


def test_scale_and_order_do_not_matter() -> None:
    """Units differ between methods."""
    louder = explained(SECOND.values * 1e3)
    assert combined(FIRST, louder, EDGES).values.equal(combined(SECOND, FIRST, EDGES).values)


def test_nothing_for_the_class_is_nothing() -> None:
    """Not NaN."""
    against = explained(-torch.ones(4))
    assert combined(FIRST, against, EDGES).values.tolist() == [0, 0, 0, 0]


def test_it_can_be_kept(tmp_path: pytest.TempPathFactory) -> None:
    """Its settings are plain data."""
    path = f"{tmp_path}/combined.pt"
    combined(FIRST, SECOND, EDGES).save(path)
    assert Explanation.load(path).settings == {"first": {"n": 1}, "second": {"n": 1}}


def test_different_classes_are_refused() -> None:
    """What speaks for one speaks against the other."""
    with pytest.raises(InputError, match="abnormal and of normal: choose one class"):
        combined(FIRST, explained(torch.ones(4), target="normal"), EDGES)
