"""Occlusion: what an answer loses without each component alone (Zeiler and Fergus 2014)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from earwitness.explain.coalitions import Estimate, Game

BLOCK = 2**24
"""Entries of the masks that are asked about at once: all would be `(components, components)`."""


@dataclass(frozen=True)
class Occlusion:
    """Values `game(all) - game(all but i)`, in the unit of the answer.

    They are losses and no shares of the answer, so there is no completeness gap. With `Windows`
    it is the sliding window of captum and tf-explain.
    """

    name: ClassVar[str] = "occlusion"

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game` by one coalition each."""
        whole, *_ = answers = torch.cat([game(masks) for masks in _all_but_one(count)])
        return Estimate(whole - answers[1:])


def _all_but_one(count: int) -> Iterator[Tensor]:
    """Masks `(rows, count)`: everything, then one component after the other off; in blocks."""
    for missing in torch.arange(-1, count).split(max(1, BLOCK // count)):
        yield missing[:, None] != torch.arange(count)
