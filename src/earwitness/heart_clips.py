"""How recordings of hearts are cut into clips of one length, with and without their states.

A recording is a segmented sound `(2, samples)` (see `earwitness.heart_frontends`).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from earwitness.segmentation import STATES

S1 = STATES.index("S1") + 1


class Cut(NamedTuple):
    """Clips of one recording: `(clips, 2, samples)`, and the sample at which each begins."""

    clips: Tensor
    starts: list[int]


class Cutter(Protocol):
    """A way to cut recordings: what `clips` of a heart model's configuration describes."""

    length: int | None
    """Samples of a clip; None for whole recordings, each as long as it is."""
    anywhere: bool
    """Whether clips for training may begin at any sample; else they are those for testing."""

    def __call__(self, recording: Tensor) -> Cut:
        """Cut `(2, samples)`; at least one clip, shorter ones with zeros at their end."""
        ...


@dataclass(frozen=True)
class Windows:
    """One window of `length` samples after the other; the last ends where the recording does."""

    length: int
    anywhere: bool = True

    def __call__(self, recording: Tensor) -> Cut:
        """Cut `(2, samples)`."""
        last = max(0, recording.shape[1] - self.length)
        starts = [*range(0, last, self.length), last]
        return _cut(recording, starts, self.length)


@dataclass(frozen=True)
class FromS1:
    """Overlapping windows of `length` samples, one from each S1 on (Rubin et al. 2016).

    Where there is no S1 with so much sound after it, they are `Windows`.
    """

    length: int
    anywhere: bool = False

    def __call__(self, recording: Tensor) -> Cut:
        """Cut `(2, samples)`."""
        room = recording.shape[1] - self.length
        starts = [start for start in onsets(recording[1], S1) if start <= room]
        return _cut(recording, starts, self.length) if starts else Windows(self.length)(recording)


@dataclass(frozen=True)
class Cycles:
    """One cardiac cycle a clip, from S1 to the next, then zeros (Potes et al. 2016).

    A longer cycle is cut at `length`; where there is no whole cycle, they are `Windows`.
    """

    length: int = 2500
    anywhere: bool = False

    def __call__(self, recording: Tensor) -> Cut:
        """Cut `(2, samples)`."""
        cycles = list(pairwise(onsets(recording[1], S1)))
        if not cycles:
            return Windows(self.length)(recording)
        clips = [_fitted(recording[:, start:end], self.length) for start, end in cycles]
        return Cut(torch.stack(clips), [start for start, _ in cycles])


@dataclass(frozen=True)
class Whole:
    """The whole recording as its one clip."""

    length: None = None
    anywhere: bool = False

    def __call__(self, recording: Tensor) -> Cut:
        """Cut `(2, samples)`."""
        return Cut(recording[None], [0])


def onsets(track: Tensor, state: int) -> list[int]:
    """Samples at which a state begins in a track `(samples,)`, but for one that it starts with."""
    here = track == state
    found: list[int] = ((here[1:] & ~here[:-1]).nonzero()[:, 0] + 1).tolist()
    return found


def _cut(recording: Tensor, starts: list[int], length: int) -> Cut:
    """Clips of `length` from each start on."""
    clips = [_fitted(recording[:, start : start + length], length) for start in starts]
    return Cut(torch.stack(clips), starts)


def _fitted(clip: Tensor, length: int) -> Tensor:
    """At most `length` samples, zeros after fewer."""
    return F.pad(clip[:, :length], (0, max(0, length - clip.shape[1])))
