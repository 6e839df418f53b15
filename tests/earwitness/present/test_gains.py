"""Gains of relevance: resampled to the grid of a sound, then scaled to [0, 1]."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from earwitness.present.gains import (
    rectify_and_normalise,
    resampling_weights,
    saturated_gain,
)

UNEVEN = torch.tensor([0.5, 1.0, 2.0, 5.0, 5.5, 9.0])


def weights_by_hand(points: list[float], grid: list[float]) -> list[list[float]]:
    """Weights of `resampling_weights`, a cell at a time: triangles that reach to neighbours."""
    step = max(after - before for before, after in pairwise(grid))
    rows = []
    for place in grid:
        nearest = min(abs(place - point) for point in points)
        row = []
        for index, point in enumerate(points):
            neighbour = index - 1 if place < point else index + 1
            is_inner = 0 <= neighbour < len(points)
            gap = abs(points[neighbour] - point) if is_inner else step
            width = max(gap, step, nearest * 1.001)
            row.append(max(0.0, 1 - abs(place - point) / width))
        rows.append([weight / sum(row) for weight in row])
    return rows


def test_points_further_apart_than_the_grid_are_interpolated() -> None:
    """As numpy interpolates, between unevenly spaced points and beyond them."""
    values = torch.tensor([3.0, -1.0, 4.0, 1.0, -5.0, 9.0])
    grid = torch.arange(0, 12, 0.25)
    result = resampling_weights(UNEVEN, grid) @ values.double()
    np.testing.assert_allclose(result, np.interp(grid, UNEVEN, values), atol=1e-9)


@pytest.mark.parametrize("step", [0.1, 0.7, 2.0, 6.0])
def test_points_nearer_than_the_grid_are_averaged(step: float) -> None:
    """Under triangles of unequal sides, at grids finer and coarser than the gaps of the points."""
    grid = torch.arange(0, 12, step, dtype=torch.float64)
    result = resampling_weights(UNEVEN, grid)
    expected = weights_by_hand(UNEVEN.tolist(), grid.tolist())
    np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-12)


def test_the_largest_values_have_full_gain() -> None:
    """Cells that hold .5, .4 and .1: the first two have gain 1, the last a quarter."""
    gains = saturated_gain(torch.tensor([[0.5, 0.4], [0.1, -0.3]]).clamp(min=0))
    assert gains.flatten().tolist() == pytest.approx([1, 1, 0.25, 0])


def test_full_gain_ends_at_nine_tenths_of_the_sum() -> None:
    """The first two cells hold .83 and are too few, three hold .92, so the fourth is quieter."""
    gains = saturated_gain(torch.tensor([0.08, 0.5, 0.09, 0.33]))
    assert gains.tolist() == pytest.approx([8 / 9, 1, 1, 1])


def test_values_are_rectified_and_their_maximum_is_one() -> None:
    """Values of zero or less become zero."""
    assert rectify_and_normalise(torch.tensor([[-2.0, 1.0], [4.0, 0.0]])).tolist() == [
        [0, 0.25],
        [1, 0],
    ]
    assert rectify_and_normalise(torch.tensor([-1.0, -0.0])).tolist() == [0, 0]
