"""Sparseness and complexity: against Quantus, at their ends, and what must not matter."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import quantus
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness.errors import InputError
from earwitness.judge.sparseness import complexity, sparseness

Measure = Callable[[Tensor], float]
BOTH = pytest.mark.parametrize("measure", [sparseness, complexity])


def by_quantus(metric: Callable[..., quantus.Metric], values: Tensor) -> float:
    """The same measure by Quantus, with the options of L-MAC's recipe."""
    judge = metric(abs=True, normalise=False, disable_warnings=True)
    cells = values.numpy()[None, None]
    return judge(model=None, x_batch=cells, y_batch=np.zeros(1), a_batch=cells)[0]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), zeros=st.floats(0, 0.9))
def test_equals_quantus(seed: int, zeros: float) -> None:
    """Signed values, some of them zero."""
    random = torch.Generator().manual_seed(seed)
    values = torch.randn(12, 9, generator=random, dtype=torch.float64)
    values[torch.rand(12, 9, generator=random) < zeros] = 0
    values[0, 0] = 1
    assert sparseness(values) == pytest.approx(by_quantus(quantus.Sparseness, values), abs=1e-4)
    assert complexity(values) == pytest.approx(by_quantus(quantus.Complexity, values), abs=1e-4)


def test_ends_of_both_scales() -> None:
    """All cells alike, and one cell that has it all."""
    alike, one = torch.full((5, 8), 0.3), torch.zeros(5, 8)
    one[2, 3] = -7
    assert (sparseness(alike), sparseness(one)) == pytest.approx((0, 1 - 1 / 40), abs=1e-6)
    assert (complexity(alike), complexity(one)) == pytest.approx((math.log(40), 0), abs=1e-6)


@BOTH
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), scale=st.floats(1e-6, 1e6))
def test_scale_sign_and_order_do_not_matter(measure: Measure, seed: int, scale: float) -> None:
    """Only how unevenly the magnitudes are shared out."""
    random = torch.Generator().manual_seed(seed)
    values = torch.randn(30, generator=random, dtype=torch.float64)
    order = torch.randperm(30, generator=random)
    assert measure(-scale * values[order]) == pytest.approx(measure(values), rel=1e-9)


@BOTH
def test_a_mask_that_lets_nothing_through_has_neither(measure: Measure) -> None:
    """No share of nothing."""
    assert math.isnan(measure(torch.zeros(4)))


@BOTH
@pytest.mark.parametrize("values", [torch.tensor([1.0, torch.nan]), torch.zeros(0)])
def test_what_cannot_be_measured_is_refused(measure: Measure, values: Tensor) -> None:
    """One line says so."""
    with pytest.raises(InputError, match="give finite ones"):
        measure(values)
