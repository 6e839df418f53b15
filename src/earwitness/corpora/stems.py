"""Corpora of music whose sources are known."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.files import files_hash, text_hash

Sources = tuple[Tensor, tuple[str, ...]]
"""Sources `(sources, samples)`, and their names."""


@dataclass(frozen=True, kw_only=True)
class StemCorpus(Corpus):
    """A corpus with the sources of each song.

    Attributes:
        stems: a song's file and a rate in Hz -> its sources, whose sum is the song.
        sources: names of the sources.
        parts: files of the sources, relative to the root; none where they are synthesised.
    """

    stems: Callable[[str, int], Sources]
    sources: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def content_hash(self) -> str:
        """Hash of recordings, sources and records."""
        sources = files_hash([self.root / file for file in self.parts], self.root)
        return text_hash(super().content_hash() + sources)
