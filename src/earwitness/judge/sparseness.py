"""How concentrated an explanation is: its sparseness and its complexity.

Both depend on magnitudes alone: neither the sign nor the scale of the values matters, nor their
order.
"""

import torch
from torch import Tensor

from earwitness.errors import InputError


def sparseness(values: Tensor) -> float:
    """Gini index of the magnitudes (Chalasani et al. 2020; SPS of L-MAC).

    Args:
        values: `(...)`, in any unit.

    Returns:
        In [0, 1), without unit: 0 if all magnitudes are equal, 1 - 1 / cells if all but one are
        zero; NaN if all are zero.

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
        values: `(...)`, in any unit.

    Returns:
        In nats: 0 if all magnitudes but one are zero, log(cells) if all are equal; NaN if all are
        zero.

    Raises:
        InputError: there are no values, or one is not finite.
    """
    magnitudes = _magnitudes(values)
    return float(torch.special.entr(magnitudes / magnitudes.sum()).sum())


def _magnitudes(values: Tensor) -> Tensor:
    """Magnitudes `(cells,)` of values `(...)`, in double precision and the same unit."""
    if not values.numel() or not values.isfinite().all():
        raise InputError("values are empty or hold NaN or infinity: give finite ones")
    return values.double().abs().flatten()
