"""How recordings of hearts are cut into clips of one length, with and without their states.

A recording is a segmented sound `(2, samples)` (see `earwitness.sound.frontends.heart`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, overload

from torch import Tensor
from torch.nn import functional as F

from earwitness.sound.heart_cycle import STATES

S1 = STATES.index("S1") + 1
Span = tuple[int, int]
"""First sample of a clip, and the one after its last."""


class Cutter(Protocol):
    """A way to cut recordings: what `clips` of a heart model's configuration describes."""

    @property
    def length(self) -> int | None:
        """Samples of a clip; None for whole recordings, each as long as it is."""
        ...

    @property
    def random_starts(self) -> bool:
        """Whether clips for training may begin at any sample; else they are those for testing."""
        ...

    def __call__(self, recording: Tensor) -> list[Span]:
        """Where to cut `(2, samples)`; at least one clip, which may be shorter than `length`."""
        ...


@dataclass(frozen=True)
class Windows:
    """One window of `length` samples after the other; the last ends where the recording does."""

    length: int
    random_starts: bool = True

    def __call__(self, recording: Tensor) -> list[Span]:
        """Where to cut `(2, samples)`."""
        samples = recording.shape[1]
        last = max(0, samples - self.length)
        starts = (*range(0, last, self.length), last)
        return [(start, min(start + self.length, samples)) for start in starts]


@dataclass(frozen=True)
class FromS1:
    """Overlapping windows of `length` samples, one from each S1 on (Rubin et al. 2016).

    Where there is no S1 with so much sound after it, they are `Windows`.
    """

    length: int
    random_starts: bool = False

    def __call__(self, recording: Tensor) -> list[Span]:
        """Where to cut `(2, samples)`."""
        room = recording.shape[1] - self.length
        starts = [start for start in onset_samples(recording[1], S1) if start <= room]
        return [(start, start + self.length) for start in starts] or Windows(self.length)(recording)


@dataclass(frozen=True)
class Cycles:
    """One cardiac cycle a clip, from S1 to the next, then zeros (Potes et al. 2016).

    A longer cycle is cut at `length`; where there is no whole cycle, they are `Windows`.
    """

    length: int = 2500
    random_starts: bool = False

    def __call__(self, recording: Tensor) -> list[Span]:
        """Where to cut `(2, samples)`."""
        cycles = pairwise(onset_samples(recording[1], S1))
        spans = [(start, min(end, start + self.length)) for start, end in cycles]
        return spans or Windows(self.length)(recording)


@dataclass(frozen=True)
class Whole:
    """The whole recording as its one clip."""

    length: None = None
    random_starts: bool = False

    def __call__(self, recording: Tensor) -> list[Span]:
        """Where to cut `(2, samples)`."""
        return [(0, recording.shape[1])]


@dataclass(frozen=True)
class ClipSequence(Sequence[Tensor]):
    """Clips `(2, length)` of recordings, cut when they are asked for, zeros after shorter ones.

    Clips overlap: copies of all of them would take several times the memory of the recordings.

    Attributes:
        recordings: `(2, samples)` each.
        spans: number of the recording and span of each clip.
        length: samples of a clip; None for spans as long as they are.
    """

    recordings: Sequence[Tensor]
    spans: Sequence[tuple[int, Span]]
    length: int | None

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> "Pieces": ...
    def __getitem__(self, index: int | slice) -> "Tensor | Pieces":
        """Return the clip, or some of the clips, at `index`."""
        if isinstance(index, slice):
            return ClipSequence(self.recordings, self.spans[index], self.length)
        number, (start, end) = self.spans[index]
        clip = self.recordings[number][:, start:end]
        missing = (self.length or 0) - (end - start)
        return F.pad(clip, (0, missing)) if missing > 0 else clip

    def subset(self, numbers: Iterable[int]) -> "Pieces":
        """The clips of these numbers."""
        return ClipSequence(
            self.recordings, [self.spans[number] for number in numbers], self.length
        )


def cut_recordings(recordings: Sequence[Tensor], cut: Cutter) -> ClipSequence:
    """The clips of all recordings, one recording after the other."""
    cuts = enumerate(map(cut, recordings))
    places = [(number, span) for number, spans in cuts for span in spans]
    return ClipSequence(recordings, places, cut.length)


def onset_samples(track: Tensor, state: int) -> list[int]:
    """Samples at which a state begins in a track `(samples,)`, but for one that it starts with."""
    here = track == state
    found: list[int] = ((here[1:] & ~here[:-1]).nonzero()[:, 0] + 1).tolist()
    return found
