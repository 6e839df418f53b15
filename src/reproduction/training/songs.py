"""Rated songs as network inputs, in batches whose order and snippets depend on seeds alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reproduction.training.batches import EpochBatches


@dataclass(frozen=True)
class Songs:
    """Songs with their ratings.

    Attributes:
        inputs: `(..., frames)` each, of any number of frames.
        ratings: kind of rating -> `(songs, ratings)`; NaN where a song was not rated.
        groups: group of each song (its artist), kept together where songs are split.
        frames: length of the snippets that a network is trained on; None for whole songs.
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
        """The songs with the numbers `rows`, in that order."""
        inputs = [self.inputs[row] for row in rows]
        ratings = {kind: values[list(rows)] for kind, values in self.ratings.items()}
        return Songs(inputs, ratings, [self.groups[row] for row in rows], self.frames)

    def rated(self, *kinds: str) -> "Songs":
        """The songs that have a rating of any of `kinds`."""
        known = [self.ratings[kind].isfinite().any(1) for kind in kinds]
        return self.at(torch.stack(known).any(0).nonzero()[:, 0].tolist())

    def batch(
        self, rows: Tensor, random: torch.Generator | None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Inputs `(rows, ..., frames)` and ratings `(rows, ratings)` of songs int64 `(rows,)`.

        Each input is a random snippet, or its start without `random`.
        """
        inputs = [snippet(self.inputs[row], self.frames, random) for row in rows.tolist()]
        return torch.stack(inputs), {kind: values[rows] for kind, values in self.ratings.items()}


def snippet(item: Tensor, frames: int | None, random: torch.Generator | None) -> Tensor:
    """`frames` of an input `(..., any)` from a random place, or its start without `random`.

    None for `frames` keeps all of it. A shorter input is repeated from its start until it is long
    enough, as the authors' group does.
    """
    if frames is None:
        return item
    if item.shape[-1] < frames:
        item = item.repeat(*[1] * (item.dim() - 1), -(-frames // item.shape[-1]))
    spare = item.shape[-1] - frames
    start = int(torch.randint(spare + 1, (), generator=random)) if random else 0
    return item[..., start : start + frames]


@dataclass(frozen=True)
class SongBatches(EpochBatches[Songs]):
    """One epoch over songs: inputs `(size, ..., frames)` and ratings `(size, ratings)` by kind."""

    kind = "songs"

    def batch(self, rows: Tensor, random: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Inputs `(rows, ..., frames)` and ratings `(rows, ratings)`; snippets as in `Songs`."""
        return self.items.batch(rows, random if self.shuffled else None)
