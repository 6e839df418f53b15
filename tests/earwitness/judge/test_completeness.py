"""What the values leave out, relative to what was explained."""

import math

import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.judge.completeness import relative_gap


def explanation(values: list[float], gap: float | None) -> Explanation:
    """An explanation of a few sources."""
    axes = (Axis.of_names("source", list("abcde")[: len(values)]),)
    return Explanation(torch.tensor(values), axes, "one", 0.5, "method", {}, gap)


@pytest.mark.parametrize(
    ("values", "gap", "expected"),
    [([3.0, 1.0], 0.0, 0.0), ([2.0, 1.0], 1.0, 0.25), ([-2.0, -3.0], 1.0, 0.25)],
)
def test_gap_over_what_was_explained(values: list[float], gap: float, expected: float) -> None:
    """Sum of values 3 and gap 1 explain 4; signs do not matter."""
    assert relative_gap(explanation(values, gap)) == expected


def test_nothing_explained_is_no_number() -> None:
    """0 of 0 is unknown; something of 0 is without bounds."""
    assert math.isnan(relative_gap(explanation([0.0, 0.0], 0.0)))
    assert relative_gap(explanation([1.0, 0.0], -1.0)) == math.inf


def test_equals_captums_convergence_delta() -> None:
    """Integrated gradients in few steps: captum's delta over the difference to the baseline."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2)).double()
    inputs = torch.randn(4, 5, dtype=torch.float64)
    method = IntegratedGradients(net)
    values, delta = method.attribute(inputs, target=1, n_steps=3, return_convergence_delta=True)
    difference = (net(inputs) - net(torch.zeros_like(inputs)))[:, 1].detach()
    gaps = difference - values.detach().sum(1)
    each = zip(values.tolist(), gaps.tolist(), strict=True)
    result = [relative_gap(explanation(*item)) for item in each]
    assert result == pytest.approx((delta.abs() / difference.abs()).tolist(), rel=1e-4)
    assert min(result) > 1e-6


def test_methods_without_gap_are_refused() -> None:
    """A gradient shares nothing out."""
    with pytest.raises(InputError, match="does not distribute the output"):
        relative_gap(explanation([1.0, 2.0], None))
