"""Do answers follow an explanation: components switched off, or on, from the largest value down.

Deletion and insertion (Petsiuk et al. 2018; Samek et al. 2017 for the first) of components.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from earwitness.explain.coalitions import Game
from earwitness.randomness import generator


class Curves(NamedTuple):
    """What is explained after each step, `(components + 1,)` both.

    `deletion` begins with everything on, `insertion` with nothing.
    """

    deletion: Tensor
    insertion: Tensor

    @property
    def drop(self) -> float:
        """How far deletion falls below its start, on average over its steps (AOPC)."""
        return float(self.deletion[0] - self.deletion[1:].mean())

    @property
    def rise(self) -> float:
        """How far insertion rises above its start, on average over its steps."""
        return float(self.insertion[:-1].mean() - self.insertion[0])


def curves(game: Game, values: Tensor) -> Curves:
    """Follow the ranking by `values` `(components,)`, the largest first.

    Args:
        game: masks `(n, components)`, True is on -> what is explained `(n,)`.
        values: of the components; of equal ones the first comes first.
    """
    count = len(values)
    rank = torch.empty(count, dtype=torch.long)
    rank[values.argsort(descending=True, stable=True)] = torch.arange(count)
    inserted = rank < torch.arange(count + 1)[:, None]
    deletion, insertion = game(torch.cat([~inserted, inserted])).tensor_split(2)
    return Curves(deletion, insertion)


def random_ranking_scores(game: Game, count: int, draws: int, seed: int) -> tuple[float, float]:
    """Drop and rise of rankings drawn at random, averaged: what knowing nothing is worth.

    Args:
        game: as of `curves`.
        count: of its components.
        draws: how many rankings.
        seed: of the rankings.
    """
    random = generator(seed)
    found = [curves(game, torch.rand(count, generator=random)) for _ in range(draws)]
    return sum(one.drop for one in found) / draws, sum(one.rise for one in found) / draws
