"""How little of a sound an explanation needs: two measures of what a mask is concentrated on.

Magnitudes count, so neither the sign nor the scale of the values matters; nor does their order.
"""

import torch
from torch import Tensor

from earwitness.errors import InputError


def sparseness(values: Tensor) -> float:
    """Gini index of the magnitudes (Chalasani et al. 2020; SPS of L-MAC).

    Args:
        values: of any shape.

    Returns:
        In [0, 1): 0 if all cells have the same, 1 - 1 / cells if one has it all; NaN if all are
        zero.

    Raises:
        InputError: there are no values, or one is not finite.
    """
    ascending = _magnitudes(values).sort().values
    count = len(ascending)
    ranks = torch.arange(1, count + 1, dtype=torch.float64)
    weighted = ((2 * ranks - count - 1) * ascending).sum()
    return float(weighted / (count * ascending.sum()))


def complexity(values: Tensor) -> float:
    """Entropy of the shares of the magnitudes (Bhatt et al. 2020; COMP of L-MAC).

    Args:
        values: of any shape.

    Returns:
        In nats: 0 if one cell has it all, log(cells) if all have the same; NaN if all are zero.

    Raises:
        InputError: there are no values, or one is not finite.
    """
    magnitudes = _magnitudes(values)
    return float(torch.special.entr(magnitudes / magnitudes.sum()).sum())


def _magnitudes(values: Tensor) -> Tensor:
    """`(cells,)` in double precision."""
    if not values.numel() or not values.isfinite().all():
        raise InputError("values are empty or hold NaN or infinity: nothing to measure")
    return values.double().abs().flatten()
