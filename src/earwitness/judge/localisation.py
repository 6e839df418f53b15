"""Does an explanation point to where the evidence was planted.

`relevance_mass` is the first of the two accuracies of Arras et al. (2022). Random relevance scores
`chance_level` on average, relevance that lies on the evidence alone scores 1.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis

BOUNDS = {"time": ("onset_s", "offset_s"), "frequency": ("low_hz", "high_hz")}
"""Axis -> the columns that bound a region along it."""


def region_mask(axes: Sequence[Axis], regions: pd.DataFrame) -> Tensor:
    """Whether each cell of an explanation lies in any of the regions, bounds included.

    Axes other than time and frequency are ignored: over time alone, only the times of a region
    count, over frequency alone only its frequencies.

    Args:
        axes: of the explanation, in s and Hz.
        regions: onset_s, offset_s, low_hz, high_hz of each.

    Returns:
        bool `(len(axis), ...)`, one dimension for each axis.

    Raises:
        InputError: no axis is time or frequency.
    """
    names = [axis.name for axis in axes]
    if not BOUNDS.keys() & set(names):
        raise InputError(
            f"regions lie in time and frequency, the axes are {', '.join(names)}: "
            "choose a method whose values lie on either"
        )
    mask = torch.zeros([len(axis.values) for axis in axes], dtype=torch.bool)
    for _, region in regions.iterrows():
        inside = [_inside(axis, region) for axis in axes]
        mask[torch.meshgrid(*inside, indexing="ij")] = True
    return mask


def shift_in_time(regions: pd.DataFrame, by_s: float) -> pd.DataFrame:
    """Regions moved later in time by `by_s` s (negative: earlier), as in a clip cut elsewhere."""
    return regions.assign(onset_s=regions.onset_s + by_s, offset_s=regions.offset_s + by_s)


def relevance_mass(values: Tensor, mask: Tensor) -> float:
    """Share of the positive relevance that lies inside (Arras et al. 2022, section 3.3).

    Args:
        values: relevance `(...)`, in any unit.
        mask: bool, shaped like `values`, True inside.

    Returns:
        In [0, 1]; NaN if no relevance is positive or no cell is inside.

    Raises:
        InputError: the shapes differ, or a value is not finite.
    """
    _require(values, mask)
    positive = values.double().clamp(min=0)
    inside = positive[mask].sum() if mask.any() else torch.nan
    return float(inside / positive.sum())


def chance_level(mask: Tensor) -> float:
    """Share of True cells in a mask `(...)`, in [0, 1]: what random relevance scores."""
    return float(mask.double().mean())


def _inside(axis: Axis, region: pd.Series) -> Tensor:
    """Indices along an axis that lie within a region; all if regions have no bounds along it."""
    if axis.name not in BOUNDS:
        return torch.arange(len(axis.values))
    low, high = BOUNDS[axis.name]
    return ((axis.values >= region[low]) & (axis.values <= region[high])).nonzero()[:, 0]


def _require(values: Tensor, mask: Tensor) -> None:
    """Raise InputError unless `mask` has the shape of `values` and these are finite."""
    if values.shape != mask.shape or mask.dtype != torch.bool:
        raise InputError(
            f"mask is {tuple(mask.shape)} of {mask.dtype}, "
            f"values are {tuple(values.shape)}: give a bool for each value"
        )
    if not values.isfinite().all():
        raise InputError("values hold NaN or infinity: give finite relevance")
