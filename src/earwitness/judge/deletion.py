"""Deletion of the input entries that an explanation ranks first.

Pixel flipping (Samek et al. 2017), also called deletion (Petsiuk et al. 2018), on an input whose
zero is silence. An entry that is zero already cannot be deleted, so it has no rank.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from earwitness.errors import InputError


def deletion_order(values: Tensor, inputs: Tensor, random: torch.Generator) -> Tensor:
    """Positions of the non-zero entries of `inputs`, those with the largest values first.

    Ties are broken at random, so that values that are the same everywhere give a random order.

    Args:
        values: relevance of each entry, `(entries,)`, in any unit.
        inputs: the network's input `(entries,)`.
        random: draws the order of equal values.

    Returns:
        int64 `(non-zero entries,)`.

    Raises:
        InputError: the shapes differ, or a value is not finite.
    """
    if inputs.dim() != 1 or values.shape != inputs.shape:
        raise InputError(
            f"values are {tuple(values.shape)}, inputs {tuple(inputs.shape)}: "
            "give one value for each entry, (entries,)"
        )
    if not values.isfinite().all():
        raise InputError("values hold NaN or infinity, which have no rank: replace them first")
    positions = inputs.nonzero()[:, 0]
    shuffled = positions[torch.randperm(len(positions), generator=random)]
    return shuffled[values[shuffled].argsort(descending=True, stable=True)]


def delete_in_order(inputs: Tensor, first: Tensor, percent: Sequence[float]) -> Tensor:
    """Copies of an input with the given percentages of its entries set to zero.

    Args:
        inputs: `(entries,)`.
        first: positions in the order of deletion, as of `deletion_order`.
        percent: share of all entries to delete, in [0, 100], rounded to whole entries; if that is
            more than `first` holds, all of these are deleted.

    Returns:
        `(len(percent), entries)`, in the unit of `inputs`.

    Raises:
        InputError: a percentage leaves [0, 100].
    """
    shares = torch.tensor(percent, dtype=torch.float64)
    if not ((shares >= 0) & (shares <= 100)).all():
        raise InputError(f"percent = {list(percent)}: choose values from 0 to 100")
    entries = len(inputs)
    rank = torch.full((entries,), entries).index_copy(0, first, torch.arange(len(first)))
    counts = (shares * entries / 100).round()
    return torch.where(rank < counts[:, None], 0, inputs)
