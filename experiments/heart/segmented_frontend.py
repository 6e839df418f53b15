"""Models of segmented heart sounds, explained like any other: the front end finds the states."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class Segmented(nn.Module):
    """A front end of segmented sounds that is given the sound alone.

    Shapes: `(batch, samples)` -> what `frontend` makes of `(batch, 2, samples)`.
    """

    def __init__(self, frontend: nn.Module, track_of: Callable[[Tensor], Tensor]) -> None:
        """`track_of` tells the state at each sample `(samples,)`, counted from 1, of a wave."""
        super().__init__()
        self.frontend = frontend
        self.track_of = track_of

    def forward(self, waves: Tensor) -> Tensor:
        """Segment each wave of a batch and hand it on."""
        tracks = torch.stack([self.track_of(wave) for wave in waves])
        return self.frontend(torch.stack([waves, tracks.to(waves)], dim=1))

    def times(self, frames: int, rate: int) -> Tensor:
        """Where each of `frames` lies, in s, for waves at `rate` Hz."""
        inner: Any = self.frontend
        places: Tensor = inner.times(frames, rate)
        return places

    def states(self, wave: Tensor, frames: int, rate: int) -> Tensor:
        """The state at each of `frames` `(frames,)` of a wave at `rate` Hz."""
        places = (self.times(frames, rate) * rate).round().long()
        return self.track_of(wave)[places]
