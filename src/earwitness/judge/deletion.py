"""Does the answer go when what an explanation ranks first is deleted.

Pixel flipping (Samek et al. 2017), also called deletion (Petsiuk et al. 2018), on an input whose
zero is silence. An entry that is zero already has nothing to delete, so it has no rank.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from earwitness.errors import InputError


def deletion_order(values: Tensor, inputs: Tensor, random: torch.Generator) -> Tensor:
    """Positions of the entries of `inputs` that are not zero, the largest value first.

    Equal values say nothing about which entry comes first, so a draw decides: values that are
    the same everywhere give a random order, and a window with one value no order within it.

    Args:
        values: of each entry, `(entries,)`.
        inputs: `(entries,)`.
        random: draws the order of equal values.

    Returns:
        `(entries that are not zero,)`, int64.

    Raises:
        InputError: the shapes differ, or a value is not finite.
    """
    if inputs.dim() != 1 or values.shape != inputs.shape:
        raise InputError(
            f"values are {tuple(values.shape)}, inputs {tuple(inputs.shape)}: "
            "give one value for each entry, (entries,)"
        )
    if not values.isfinite().all():
        raise InputError("values hold NaN or infinity: they rank nothing")
    there = inputs.nonzero()[:, 0]
    shuffled = there[torch.randperm(len(there), generator=random)]
    return shuffled[values[shuffled].argsort(descending=True, stable=True)]


def delete_in_order(inputs: Tensor, first: Tensor, percent: Sequence[float]) -> Tensor:
    """Copies of an input, in each of which so many per cent of the entries are zero.

    Per cent are of all entries, rounded to whole ones; beyond the length of `first`, all of
    these are zero.

    Args:
        inputs: `(entries,)`.
        first: positions in the order in which they are deleted, as of `deletion_order`.
        percent: how much of the input, in [0, 100].

    Returns:
        `(len(percent), entries)`.

    Raises:
        InputError: a percentage leaves [0, 100].
    """
    shares = torch.tensor(percent, dtype=torch.float64)
    if not ((shares >= 0) & (shares <= 100)).all():
        raise InputError(f"percent = {list(percent)}: choose them in 0..100")
    entries = len(inputs)
    rank = torch.full((entries,), entries).index_copy(0, first, torch.arange(len(first)))
    counts = (shares * entries / 100).round()
    return torch.where(rank < counts[:, None], 0, inputs)
