"""Shapley values: a fair distribution of a game's outcome among its components.

Shapley values solve a weighted regression of the outcomes on the coalitions (Lundberg & Lee
2017, theorem 2): exactly with all coalitions, approximately with a random sample of them. One
regression serves both here. It has a row for each pair of a coalition and its complement
(Covert & Lee 2021), in which interactions of two components cause no error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import ClassVar

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.coalitions import Estimate, Game
from earwitness.randomness import generator


@dataclass(frozen=True)
class Shapley:
    """Shapley values, exact for few components and estimated for many.

    Attributes:
        draws: distinct coalitions to evaluate, including all on and all off; the values are
            exact if that is every coalition.
        exact_up_to: number of components up to which every coalition is evaluated.
        seed: of the drawn coalitions.
    """

    draws: int = 2048
    exact_up_to: int = 12
    seed: int = 0
    name: ClassVar[str] = "Shapley values"

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game`; their sum is game(all) - game(none).

        Raises:
            InputError: `draws` are too few for so many components.
        """
        design = _Design.of(count, self._pairs(count), generator(self.seed))
        all_on = torch.ones(1, count, dtype=torch.bool)
        masks = torch.cat([all_on, design.masks])
        outcomes, complements = game(torch.cat([masks, ~masks])).tensor_split(2)
        differences = outcomes - complements
        total = differences[0]
        values, error = _regression(design, differences[1:], total)
        return Estimate(values, gap=float(total - values.sum()), error=error)

    def _pairs(self, count: int) -> int:
        """Number of pairs of a coalition and its complement to evaluate, besides all on and off."""
        existing = 2**count
        evaluated = existing if count <= self.exact_up_to else min(self.draws, existing)
        if evaluated < min(existing, 4 * count):
            raise InputError(
                f"draws={self.draws}: {count} components need at least {4 * count} coalitions"
            )
        return (evaluated - 2) // 2


@dataclass(frozen=True, eq=False)
class _Design:
    """The pairs to evaluate, in strata by the size of their smaller coalition.

    `masks` `(pairs, count)` holds one coalition of each pair; `weights` `(pairs,)` its weight in
    the regression; `undrawn` `(pairs,)` the share of its stratum that was not drawn.
    """

    masks: Tensor
    weights: Tensor
    undrawn: Tensor

    @classmethod
    def of(cls, count: int, pairs: int, random: torch.Generator) -> "_Design":
        """Draw `pairs` of them; a stratum has the same total weight with few pairs as with all."""
        strata = dict(_allocation(count, pairs))
        masks = [_members(count, size, drawn, random) for size, drawn in strata.items()]
        weights = [_mass(count, size) / drawn for size, drawn in strata.items()]
        undrawn = [1 - drawn / _existing(count, size) for size, drawn in strata.items()]
        repeats = torch.tensor(list(strata.values()), dtype=torch.long)
        return cls(
            masks=torch.cat([torch.empty(0, count, dtype=torch.bool), *masks]),
            weights=torch.tensor(weights, dtype=torch.float64).repeat_interleave(repeats),
            undrawn=torch.tensor(undrawn, dtype=torch.float64).repeat_interleave(repeats),
        )


def _existing(count: int, size: int) -> int:
    """Number of pairs with `size` components in the smaller coalition."""
    return comb(count, size) // (2 if 2 * size == count else 1)


def _mass(count: int, size: int) -> float:
    """The Shapley kernel, summed over all pairs of a stratum, up to a factor for all strata."""
    return (1 if 2 * size == count else 2) / (size * (count - size))


def _allocation(count: int, pairs: int) -> Iterator[tuple[int, int]]:
    """Distribute `pairs`: each size of the smaller coalition, and its number of pairs.

    A stratum gets pairs in proportion to its mass times the length of its rows in the
    regression, which is Neyman's allocation for residuals of one size. Size 1 is always
    complete, so the regression has a solution; every other size gets at least one pair.
    """
    sizes = range(1, count // 2 + 1)
    wishes = [_mass(count, size) * (size * (count - size)) ** 0.5 for size in sizes]
    for index, size in enumerate(sizes):
        wish = round(pairs * wishes[index] / sum(wishes[index:]))
        least = count if size == 1 else 1
        spare = pairs - (len(sizes) - index - 1)
        allotted = min(max(wish, least), spare, _existing(count, size))
        pairs -= allotted
        yield size, allotted


def _members(count: int, size: int, pairs: int, random: torch.Generator) -> Tensor:
    """One coalition of each of `pairs` distinct pairs of a stratum, `(pairs, count)`."""
    if pairs < _existing(count, size):
        return _drawn(count, size, pairs, random)
    # The first half of all coalitions of half the components are those with the first component.
    members = list(islice(combinations(range(count), size), pairs))
    masks = torch.zeros(pairs, count, dtype=torch.bool)
    return masks.scatter_(1, torch.tensor(members), True)


def _drawn(count: int, size: int, pairs: int, random: torch.Generator) -> Tensor:
    """The same `(pairs, count)` at random, without replacement."""
    sample: dict[bytes, None] = {}
    while len(sample) < pairs:
        masks = torch.rand(pairs, count, generator=random).argsort(1) < size
        if 2 * size == count:
            masks ^= ~masks[:, :1]  # of two halves the one with the first component
        sample |= dict.fromkeys(map(bytes, masks.numpy()))
    distinct = bytearray().join(islice(sample, pairs))
    return torch.frombuffer(distinct, dtype=torch.bool).reshape(pairs, count)


def _regression(
    design: _Design, differences: Tensor, total: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Values `(count,)` that sum to `total` and best fit `differences` `(pairs,)`; their errors.

    A pair's difference is the sum of the values inside minus the sum outside. The constraint is
    met by regressing the residual after equal shares of `total` on rows that sum to zero.
    """
    count = design.masks.shape[1]
    signs = 2 * design.masks.double() - 1
    tilt = signs.mean(1, keepdim=True)
    # An outcome may depend nonlinearly on the number of components, which values cannot express.
    # Over all coalitions this column is orthogonal to the others: it reduces variance, not values.
    rows = torch.cat([signs - tilt, tilt - tilt**3], dim=1)
    residual = differences - total * tilt[:, 0]
    weighted = design.weights[:, None] * rows
    # Solutions differ by a shift of all values; this is the one that sums to zero.
    influence = weighted @ torch.linalg.pinv(rows.T @ weighted, rtol=1e-10, hermitian=True)
    solution = residual @ influence
    values = total / count + solution[:count]
    if not design.undrawn.any():
        return values, None
    error = _error(influence, (influence * rows).sum(1), residual - rows @ solution, design.undrawn)
    return values, error[:count]


def _error(influence: Tensor, leverages: Tensor, residuals: Tensor, undrawn: Tensor) -> Tensor:
    """Standard errors of all coefficients by the delete-one jackknife over the drawn pairs.

    `influence` `(pairs, coefficients)` is the derivative of coefficients by a pair's difference.
    Without that pair its residual is larger by 1 / (1 - leverage), so no refit is needed. The
    finite population correction leaves out complete strata, in which nothing is random.
    """
    moved = influence * (residuals / (1 - leverages))[:, None]
    return (undrawn[:, None] * moved.square()).sum(0).sqrt()
