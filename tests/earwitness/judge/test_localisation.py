"""Where relevance lies: against Quantus, by hand, and at chance."""

import numpy as np
import pandas as pd
import pytest
import quantus
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis
from earwitness.judge.localisation import chance_level, region_mask, relevance_mass, shift_in_time

TIME = Axis("time", "s", torch.arange(10) / 10)
FREQUENCY = Axis("frequency", "Hz", torch.arange(5) * 1000.0)
NAMES = Axis.of_names("source", ["voice", "drums"])
REGIONS = pd.DataFrame(
    {"onset_s": [0.2, 0.75], "offset_s": [0.4, 1.5], "low_hz": [900, 0], "high_hz": [2100, 500]}
)


def test_regions_are_rectangles_of_time_and_frequency() -> None:
    """Two regions, one of which goes on beyond the end."""
    mask = region_mask((FREQUENCY, TIME), REGIONS)
    expected = torch.zeros(5, 10, dtype=torch.bool)
    expected[1:3, 2:5] = True
    expected[0, 8:] = True
    assert mask.equal(expected)
    assert region_mask((TIME, FREQUENCY), REGIONS).equal(expected.T)
    assert chance_level(mask) == pytest.approx(8 / 50)


def test_one_axis_uses_its_own_bounds_alone() -> None:
    """Over time the times, over frequency the frequencies; other axes do not matter."""
    assert region_mask((TIME,), REGIONS).nonzero().flatten().tolist() == [2, 3, 4, 8, 9]
    assert region_mask((FREQUENCY,), REGIONS).nonzero().flatten().tolist() == [0, 1, 2]
    by_source = region_mask((NAMES, TIME), REGIONS)
    assert by_source.equal(region_mask((TIME,), REGIONS).expand(2, 10))


def test_no_region_is_no_cell() -> None:
    """A clip without evidence has an empty mask, whose score is unknown."""
    mask = region_mask((FREQUENCY, TIME), REGIONS[:0])
    assert not mask.any()
    assert np.isnan(relevance_mass(torch.rand(5, 10), mask))


SIZES = st.tuples(st.integers(2, 6), st.integers(2, 12))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), size=SIZES)
def test_equals_quantus(seed: int, size: tuple[int, int]) -> None:
    """The first accuracy of Arras et al., on positive relevance."""
    random = np.random.default_rng(seed)
    values = random.standard_normal((1, 1, *size))
    mask = random.random((1, 1, *size)) < 0.4
    mask[..., 0, 0], values[..., 0, 0] = True, 1.0
    options = {"abs": False, "normalise": False, "disable_warnings": True}
    batch = {"model": None, "x_batch": values, "y_batch": np.zeros(1), "s_batch": mask}
    ours = torch.from_numpy(values), torch.from_numpy(mask)
    mass = quantus.RelevanceMassAccuracy(**options)(a_batch=values.clip(0), **batch)[0]
    assert relevance_mass(*ours) == pytest.approx(mass, abs=1e-6)


def test_planted_evidence_is_found() -> None:
    """Relevance inside alone scores 1, outside alone 0, at random chance."""
    mask = torch.rand(300, 300) < 0.3
    assert relevance_mass(mask * (torch.rand(300, 300) + 0.1), mask) == 1
    assert relevance_mass(~mask * (torch.rand(300, 300) + 0.1), mask) == 0
    assert relevance_mass(torch.rand(300, 300), mask) == pytest.approx(chance_level(mask), abs=0.02)


def test_evidence_against_does_not_count() -> None:
    """Negative relevance inside is no evidence for the class."""
    values, mask = torch.tensor([3.0, -9.0, 1.0]), torch.tensor([True, True, False])
    assert relevance_mass(values, mask) == 0.75
    assert relevance_mass(values, torch.tensor([False, True, False])) == 0


def test_an_explanation_without_relevance_has_no_mass() -> None:
    """All zero or negative: no share of nothing."""
    mask = torch.tensor([True, False, False, False])
    assert np.isnan(relevance_mass(torch.zeros(4), mask))
    assert np.isnan(relevance_mass(-torch.ones(4), mask))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), scale=st.floats(1e-3, 1e3))
def test_unit_and_order_do_not_matter(seed: int, scale: float) -> None:
    """Scores stay when all is scaled, or when cells are shuffled together with the mask."""
    random = torch.Generator().manual_seed(seed)
    values = torch.randn(40, generator=random, dtype=torch.float64)
    mask = torch.rand(40, generator=random) < 0.5
    order = torch.randperm(40, generator=random)
    expected = pytest.approx(relevance_mass(values, mask), nan_ok=True)
    assert relevance_mass(values * scale, mask) == expected
    assert relevance_mass(values[order], mask[order]) == expected


@pytest.mark.parametrize(
    ("values", "mask", "message"),
    [
        (torch.ones(3), torch.ones(4).bool(), r"mask is \(4,\) of torch.bool, values are \(3,\)"),
        (torch.ones(3), torch.ones(3), "give a bool"),
        (torch.tensor([1.0, torch.nan]), torch.ones(2).bool(), "hold NaN"),
    ],
)
def test_what_does_not_fit_is_refused(values: Tensor, mask: Tensor, message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        relevance_mass(values, mask)


def test_axes_without_time_and_frequency_are_refused() -> None:
    """A region says nothing about sources."""
    with pytest.raises(InputError, match="the axes are source"):
        region_mask((NAMES,), REGIONS)


def test_regions_move_in_time_alone() -> None:
    regions = pd.DataFrame(
        {"onset_s": [0.1], "offset_s": [0.2], "low_hz": [100.0], "high_hz": [200.0]}
    )
    later = shift_in_time(regions, 0.5)
    assert later.to_numpy().tolist() == [[0.6, 0.7, 100.0, 200.0]]
    pd.testing.assert_frame_equal(shift_in_time(later, -0.5), regions)
