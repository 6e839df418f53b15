"""Does an explanation point to where the evidence was planted.

`relevance_mass` is the first of the two accuracies of Arras et al. (2022). An explanation that
knows nothing scores `chance_level` on average, one that points to the evidence alone scores 1.
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
    """Which cells of an explanation lie in any of the regions, bounds included.

    An axis of neither time nor frequency does not matter: over time alone, only the times of a
    region count, over frequency alone only its frequencies.

    Args:
        axes: of the explanation, in s and Hz.
        regions: onset_s, offset_s, low_hz, high_hz of each.

    Returns:
        `(len(axis), ...)`, bool, one dimension for each axis.

    Raises:
        InputError: no axis is time or frequency.
    """
    names = [axis.name for axis in axes]
    if not BOUNDS.keys() & set(names):
        raise InputError(
            f"regions lie in time and frequency, the axes are {', '.join(names)}: "
            "choose a method that has either"
        )
    mask = torch.zeros([len(axis.values) for axis in axes], dtype=torch.bool)
    for _, region in regions.iterrows():
        inside = [_inside(axis, region) for axis in axes]
        mask[torch.meshgrid(*inside, indexing="ij")] = True
    return mask


def shift_in_time(regions: pd.DataFrame, by_s: float) -> pd.DataFrame:
    """Regions later in time by so many s: where they lie in a clip that begins elsewhere."""
    return regions.assign(onset_s=regions.onset_s + by_s, offset_s=regions.offset_s + by_s)


def relevance_mass(values: Tensor, mask: Tensor) -> float:
    """Share of the positive relevance that lies inside (Arras et al. 2022, section 3.3).

    Args:
        values: of any shape.
        mask: shaped like `values`, bool, True inside.

    Returns:
        In [0, 1]; NaN if no relevance is positive or no cell is inside: then nothing can be said.

    Raises:
        InputError: the shapes differ, or a value is not finite.
    """
    _require(values, mask)
    positive = values.double().clamp(min=0)
    inside = positive[mask].sum() if mask.any() else torch.nan
    return float(inside / positive.sum())


def chance_level(mask: Tensor) -> float:
    """Share of the cells that lie inside: what random relevance scores."""
    return float(mask.double().mean())


def _inside(axis: Axis, region: pd.Series) -> Tensor:
    """Positions along an axis that lie within a region; all where regions have no bounds."""
    if axis.name not in BOUNDS:
        return torch.arange(len(axis.values))
    low, high = BOUNDS[axis.name]
    return ((axis.values >= region[low]) & (axis.values <= region[high])).nonzero()[:, 0]


def _require(values: Tensor, mask: Tensor) -> None:
    """Raise InputError unless `mask` fits `values` and these are finite."""
    if values.shape != mask.shape or mask.dtype != torch.bool:
        raise InputError(
            f"mask is {tuple(mask.shape)} of {mask.dtype}, "
            f"values are {tuple(values.shape)}: give a bool for each value"
        )
    if not values.isfinite().all():
        raise InputError("values hold NaN or infinity: such an explanation points nowhere")
