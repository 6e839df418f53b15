"""Rated songs as network inputs, in batches whose order and snippets are the seed's alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.randomness import generator


@dataclass(frozen=True)
class Songs:
    """Songs with what was rated of each.

    Attributes:
        inputs: `(..., frames)` each, of any number of frames.
        ratings: what is rated -> `(songs, ratings)`; NaN where a song was not rated.
        groups: what each song belongs to (its artist): kept together where songs are split.
        frames: how many of each song a network is given in training; None for all.
    """

    inputs: Sequence[Tensor]
    ratings: Mapping[str, Tensor]
    groups: Sequence[str]
    frames: int | None = None

    def __len__(self) -> int:
        """Return the number of songs."""
        return len(self.inputs)

    @property
    def sizes(self) -> dict[str, int]:
        """How many ratings there are of each kind."""
        return {kind: values.shape[1] for kind, values in self.ratings.items()}

    def at(self, rows: Sequence[int]) -> "Songs":
        """Some of them."""
        ratings = {kind: values[list(rows)] for kind, values in self.ratings.items()}
        chosen = [self.inputs[row] for row in rows], ratings, [self.groups[row] for row in rows]
        return Songs(*chosen, self.frames)

    def rated(self, *kinds: str) -> "Songs":
        """Those that have a rating of any of `kinds`."""
        known = [self.ratings[kind].isfinite().any(1) for kind in kinds]
        return self.at(torch.stack(known).any(0).nonzero()[:, 0].tolist())

    def batch(
        self, rows: Tensor, random: torch.Generator | None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Inputs `(rows, ...)` and their ratings; a random snippet of each, or its start."""
        inputs = [snippet(self.inputs[row], self.frames, random) for row in rows.tolist()]
        return torch.stack(inputs), {kind: values[rows] for kind, values in self.ratings.items()}


def snippet(item: Tensor, frames: int | None, random: torch.Generator | None) -> Tensor:
    """`frames` of an input `(..., frames)` from a random place, or from its start without one.

    A shorter input is repeated from its start until it is long enough, as the authors' group does.
    """
    if frames is None:
        return item
    if item.shape[-1] < frames:
        item = item.repeat(*[1] * (item.dim() - 1), -(-frames // item.shape[-1]))
    spare = item.shape[-1] - frames
    start = int(torch.randint(spare + 1, (), generator=random)) if random else 0
    return item[..., start : start + frames]


@dataclass(frozen=True)
class SongBatches:
    """One epoch over songs: shuffled whole batches for training, all in order otherwise."""

    songs: Songs
    size: int
    random_seeds: tuple[int, ...]
    shuffled: bool

    def __len__(self) -> int:
        """Return the number of batches; a last incomplete one is dropped when shuffled."""
        whole, rest = divmod(len(self.songs), self.size)
        return whole + (rest > 0 and not self.shuffled)

    def __iter__(self) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Yield inputs and ratings, the same in every iteration."""
        random = generator(*self.random_seeds) if self.shuffled else None
        count = len(self.songs)
        order = torch.randperm(count, generator=random) if random else torch.arange(count)
        for rows in order.split(self.size)[: len(self)]:
            yield self.songs.batch(rows, random)
