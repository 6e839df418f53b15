"""Shapley values: how a game's outcome is shared among its components.

Shapley values solve a weighted regression of the outcomes on the coalitions (Lundberg & Lee
2017, theorem 2): exactly when all coalitions take part, approximately when some are drawn. One
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
        draws: distinct coalitions that the game is asked, all and none among them; where they
            are all there are, the values are exact.
        exact_up_to: components up to which all coalitions are asked, whatever `draws`.
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
        everything = torch.ones(1, count, dtype=torch.bool)
        masks = torch.cat([everything, design.masks])
        answers, opposite = game(torch.cat([masks, ~masks])).tensor_split(2)
        differences = answers - opposite
        total = differences[0]
        values, error = _regression(design, differences[1:], total)
        return Estimate(values, gap=float(total - values.sum()), error=error)

    def _pairs(self, count: int) -> int:
        """How many pairs of a coalition and its complement to ask, beside all and none."""
        everything = 2**count
        asked = everything if count <= self.exact_up_to else min(self.draws, everything)
        if asked < min(everything, 4 * count):
            raise InputError(
                f"draws={self.draws}: {count} components need at least {4 * count} coalitions"
            )
        return (asked - 2) // 2


@dataclass(frozen=True, eq=False)
class _Design:
    """The pairs that are asked, in strata by the size of their smaller coalition.

    `masks` `(pairs, count)` holds one coalition of each pair; `weights` `(pairs,)` what a pair
    counts in the regression; `unasked` `(pairs,)` which share of its stratum was not drawn.
    """

    masks: Tensor
    weights: Tensor
    unasked: Tensor

    @classmethod
    def of(cls, count: int, pairs: int, random: torch.Generator) -> "_Design":
        """Choose `pairs` of them; a stratum weighs as much with few pairs as with all of them."""
        strata = dict(_allotted(count, pairs))
        masks = [_chosen(count, size, asked, random) for size, asked in strata.items()]
        weights = [_mass(count, size) / asked for size, asked in strata.items()]
        unasked = [1 - asked / _existing(count, size) for size, asked in strata.items()]
        repeats = torch.tensor(list(strata.values()), dtype=torch.long)
        return cls(
            masks=torch.cat([torch.empty(0, count, dtype=torch.bool), *masks]),
            weights=torch.tensor(weights, dtype=torch.float64).repeat_interleave(repeats),
            unasked=torch.tensor(unasked, dtype=torch.float64).repeat_interleave(repeats),
        )


def _existing(count: int, size: int) -> int:
    """How many pairs have `size` components in the smaller coalition."""
    return comb(count, size) // (2 if 2 * size == count else 1)


def _mass(count: int, size: int) -> float:
    """The Shapley kernel, summed over all pairs of a stratum, up to a factor for all strata."""
    return (1 if 2 * size == count else 2) / (size * (count - size))


def _allotted(count: int, pairs: int) -> Iterator[tuple[int, int]]:
    """Share `pairs` out: each size of the smaller coalition, and how many pairs it gets.

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
        asked = min(max(wish, least), spare, _existing(count, size))
        pairs -= asked
        yield size, asked


def _chosen(count: int, size: int, pairs: int, random: torch.Generator) -> Tensor:
    """One coalition of each of `pairs` different pairs of a stratum, `(pairs, count)`."""
    if pairs < _existing(count, size):
        return _drawn(count, size, pairs, random)
    # The first half of all coalitions of half the components are those with the first component.
    members = list(islice(combinations(range(count), size), pairs))
    masks = torch.zeros(pairs, count, dtype=torch.bool)
    return masks.scatter_(1, torch.tensor(members), True)


def _drawn(count: int, size: int, pairs: int, random: torch.Generator) -> Tensor:
    """The same at random, without replacement."""
    found: dict[bytes, None] = {}
    while len(found) < pairs:
        masks = torch.rand(pairs, count, generator=random).argsort(1) < size
        if 2 * size == count:
            masks ^= ~masks[:, :1]  # of two halves the one with the first component
        found |= dict.fromkeys(map(bytes, masks.numpy()))
    distinct = bytearray().join(islice(found, pairs))
    return torch.frombuffer(distinct, dtype=torch.bool).reshape(pairs, count)


def _regression(
    design: _Design, differences: Tensor, total: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Values `(count,)` that sum to `total` and fit `differences` `(pairs,)` best, and errors.

    A pair's difference is the sum of the values inside minus the sum outside. The constraint is
    met by regressing what is left after equal shares of `total` on rows that sum to zero.
    """
    count = design.masks.shape[1]
    signs = 2 * design.masks.double() - 1
    tilt = signs.mean(1, keepdim=True)
    # An outcome may bend with the mere number of components, which no value could follow. Over
    # all coalitions this column is orthogonal to the others: it takes noise away, and no value.
    rows = torch.cat([signs - tilt, tilt - tilt**3], dim=1)
    wanted = differences - total * tilt[:, 0]
    weighted = design.weights[:, None] * rows
    # Of the solutions, which a shift of all values tells apart, this is the one that sums to zero.
    pulls = weighted @ torch.linalg.pinv(rows.T @ weighted, rtol=1e-10, hermitian=True)
    beyond = wanted @ pulls
    values = total / count + beyond[:count]
    if not design.unasked.any():
        return values, None
    error = _error(pulls, (pulls * rows).sum(1), wanted - rows @ beyond, design.unasked)
    return values, error[:count]


def _error(pulls: Tensor, leverages: Tensor, residuals: Tensor, unasked: Tensor) -> Tensor:
    """Standard errors of all coefficients by the delete-one jackknife over the drawn pairs.

    `pulls` `(pairs, coefficients)` is how far coefficients follow a pair's difference. Without
    that pair its residual is larger by 1 / (1 - leverage), so nothing needs fitting again.
    The finite population correction leaves out complete strata, in which nothing is random.
    """
    moved = pulls * (residuals / (1 - leverages))[:, None]
    return (unasked[:, None] * moved.square()).sum(0).sqrt()
