"""Deletion and insertion curves: components switched off, or on, from the largest value down.

Petsiuk et al. (2018); deletion also Samek et al. (2017).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from earwitness.explain.coalitions import Game
from earwitness.randomness import generator


class Curves(NamedTuple):
    """The explained output after each step, in its unit, `(components + 1,)` both.

    `deletion` begins with all components on, `insertion` with none.
    """

    deletion: Tensor
    insertion: Tensor

    @property
    def drop(self) -> float:
        """How far deletion falls below its start, averaged over its steps (AOPC, Samek et al.)."""
        return float(self.deletion[0] - self.deletion[1:].mean())

    @property
    def rise(self) -> float:
        """How far insertion rises above its start, averaged over its steps."""
        return float(self.insertion[:-1].mean() - self.insertion[0])


def curves(game: Game, values: Tensor) -> Curves:
    """Deletion and insertion in the order of `values`, the largest first.

    Args:
        game: masks `(n, components)`, True is on -> the explained output `(n,)`.
        values: of the components `(components,)`, in any unit; ties keep their order.
    """
    count = len(values)
    rank = torch.empty(count, dtype=torch.long)
    rank[values.argsort(descending=True, stable=True)] = torch.arange(count)
    inserted = rank < torch.arange(count + 1)[:, None]
    deletion, insertion = game(torch.cat([~inserted, inserted])).tensor_split(2)
    return Curves(deletion, insertion)


def random_ranking_scores(game: Game, count: int, draws: int, seed: int) -> tuple[float, float]:
    """Drop and rise averaged over random rankings: the level of an uninformed explanation.

    Args:
        game: as of `curves`.
        count: number of its components.
        draws: number of rankings.
        seed: of the rankings.

    Returns:
        Drop and rise, in the unit of the explained output.
    """
    random = generator(seed)
    drawn = [curves(game, torch.rand(count, generator=random)) for _ in range(draws)]
    return sum(each.drop for each in drawn) / draws, sum(each.rise for each in drawn) / draws
