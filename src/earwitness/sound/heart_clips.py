"""Cutting heart recordings into clips: windows, windows from S1, or whole cardiac cycles.

A recording is a segmented sound `(2, samples)`: amplitude and number of the state at each sample
(see `earwitness.sound.frontends.heart`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, overload

from torch import Tensor
from torch.nn import functional as F

from earwitness.sound.heart_cycle import STATES

S1 = STATES.index("S1") + 1
"""Number of the state S1 in a track of states."""
Span = tuple[int, int]
"""First sample of a clip, and the one after its last."""


class Cutter(Protocol):
    """A rule that cuts recordings into clips: `clips` in the configuration of a heart model."""

    @property
    def length(self) -> int | None:
        """Samples of a clip; None for whole recordings of any length."""
        ...

    @property
    def random_starts(self) -> bool:
        """Whether training clips start at random samples; else they are cut like test clips."""
        ...

    def __call__(self, recording: Tensor) -> list[Span]:
        """Spans of clips of `(2, samples)`: at least one, which may be shorter than `length`."""
        ...


@dataclass(frozen=True)
class Windows:
    """Consecutive windows of `length` samples; the last ends where the recording does."""

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
    """Overlapping windows of `length` samples that start at each S1 (Rubin et al. 2016).

    `Windows` if no S1 is followed by as many samples.
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
    """One cardiac cycle a clip, from S1 to the next, padded with zeros (Potes et al. 2016).

    A longer cycle is cropped to `length` samples. `Windows` if there is no whole cycle.
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
    """Clips `(2, length)` of recordings, cut on access; shorter ones are padded with zeros.

    Clips overlap: copies of all of them would take several times the memory of the recordings.

    Attributes:
        recordings: `(2, samples)` each.
        spans: number of the recording and span of each clip.
        length: samples of a clip; None for clips as long as their spans.
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
    def __getitem__(self, index: slice) -> "ClipSequence": ...
    def __getitem__(self, index: int | slice) -> "Tensor | ClipSequence":
        """Return the clip `(2, length)` at `index`, or the clips of a slice."""
        if isinstance(index, slice):
            return ClipSequence(self.recordings, self.spans[index], self.length)
        number, (start, end) = self.spans[index]
        clip = self.recordings[number][:, start:end]
        missing = (self.length or 0) - (end - start)
        return F.pad(clip, (0, missing)) if missing > 0 else clip

    def subset(self, numbers: Iterable[int]) -> "ClipSequence":
        """The clips with these numbers, in their order."""
        return ClipSequence(
            self.recordings, [self.spans[number] for number in numbers], self.length
        )


def cut_recordings(recordings: Sequence[Tensor], cut: Cutter) -> ClipSequence:
    """Clips `(2, length)` of all recordings `(2, samples)`, one recording after the other."""
    cuts = enumerate(map(cut, recordings))
    spans = [(number, span) for number, own in cuts for span in own]
    return ClipSequence(recordings, spans, cut.length)


def onset_samples(track: Tensor, state: int) -> list[int]:
    """Samples at which a state begins in a track of states `(samples,)`.

    A state at the start of the track may have begun earlier: it has no onset.
    """
    is_state = track == state
    onsets: list[int] = ((is_state[1:] & ~is_state[:-1]).nonzero()[:, 0] + 1).tolist()
    return onsets
