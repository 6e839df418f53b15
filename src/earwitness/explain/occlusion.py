"""Occlusion: decrease of the output without each single component (Zeiler and Fergus 2014)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from earwitness.explain.coalitions import Estimate, Game

BLOCK_ENTRIES = 2**24
"""Mask entries per evaluation: all masks together would be `(components, components)`."""


@dataclass(frozen=True)
class Occlusion:
    """Values `game(all) - game(all but i)`, in the unit of the game.

    They do not distribute the output, so there is no completeness gap. With `Windows` it is the
    sliding window of captum and tf-explain.
    """

    name: ClassVar[str] = "occlusion"

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game` by one coalition each."""
        whole, *_ = outcomes = torch.cat([game(masks) for masks in _all_but_one(count)])
        return Estimate(whole - outcomes[1:])


def _all_but_one(count: int) -> Iterator[Tensor]:
    """Masks `(rows, count)` in blocks: all on, then each single component off in turn."""
    for missing in torch.arange(-1, count).split(max(1, BLOCK_ENTRIES // count)):
        yield missing[:, None] != torch.arange(count)
