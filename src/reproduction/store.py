"""The store of explained clips: an explain stage or a job writes it, later stages read it.

Each clip has a folder with the sound that the network was given (`original.wav`), its explanations
(`<key>.pt`), the network's answers to coalitions of its components (`<key>_answers.pt`) and, where
evidence was planted in it, the regions of this evidence. A table lists the clips, one row each.
Explanations and answers are plain data, which `torch.load(weights_only=True)` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from earwitness.corpora.generated import EVIDENCE
from earwitness.errors import InputError
from earwitness.explain.explanation import Explanation
from earwitness.files import atomic
from earwitness.sound import audio
from reproduction.csv_files import read_csv, write_csv


@dataclass(frozen=True)
class ExplainedClip:
    """One clip of a store; its files are read when a method asks for them.

    What an explanation is of (task, network, method...) is its `key`: one or more words.

    Attributes:
        folder: of the clip's files.
        row: its row of the list of clips, one attribute a column.
        rate: sampling rate of its sounds, in Hz.
    """

    folder: Path
    row: Any = None
    rate: int = audio.RATE

    def wave(self, name: str = "original") -> Tensor:
        """A sound of the clip, `(samples,)` at `rate`; InputError if it is missing or silent."""
        return audio.read(self.folder / f"{name}.wav", self.rate)

    def write_wave(self, wave: Tensor, name: str = "original") -> None:
        """Write a sound `(samples,)` at `rate`."""
        audio.write(self.folder / f"{name}.wav", wave, self.rate)

    def has_explanation(self, *key: str) -> bool:
        """Whether there is an explanation with this key."""
        return self._path(*key).is_file()

    def explanation(self, *key: str) -> Explanation:
        """The explanation with this key; InputError if it is missing or damaged."""
        return Explanation.load(self._path(*key))

    def write_explanation(self, explanation: Explanation, *key: str) -> None:
        """Write an explanation under a key."""
        explanation.save(self._path(*key))

    def answers(self, *key: str) -> dict[str, Any]:
        """The answers with this key, tensors by name (None for what was not computed).

        Raises:
            InputError: the file is missing or damaged.
        """
        path = self._path(*key, "answers")
        try:
            content: dict[str, Any] = torch.load(path, weights_only=True)
        except Exception as error:  # whatever a damaged file makes torch raise
            raise InputError(f"{path}: missing or damaged; run the explain stage again") from error
        return content

    def write_answers(self, content: Mapping[str, Tensor | None], *key: str) -> None:
        """Write answers, tensors by name, under a key."""
        with atomic(self._path(*key, "answers")) as temporary:
            torch.save(dict(content), temporary)

    @property
    def has_evidence(self) -> bool:
        """Whether the clip was synthesised with evidence, so that its sound may be published."""
        return (self.folder / EVIDENCE).is_file()

    def evidence(self) -> pd.DataFrame:
        """Regions of planted evidence, in s of the clip; no rows for a real recording."""
        return read_csv(self.folder / EVIDENCE) if self.has_evidence else pd.DataFrame()

    def write_evidence(self, regions: pd.DataFrame, float_format: str | None = None) -> None:
        """Write regions of planted evidence, in s of the clip."""
        write_csv(self.folder / EVIDENCE, regions, float_format)

    def _path(self, *key: str) -> Path:
        return self.folder / f"{'_'.join(key)}.pt"


@dataclass(frozen=True)
class Store:
    """The explained clips of a paper.

    Attributes:
        folder: of all of them.
        named_by: columns whose values name the folder of a clip, from the outermost.
        rate: sampling rate of the clips, in Hz.
        listing: name of the file that lists them.
    """

    folder: Path
    named_by: tuple[str, ...] = ("clip",)
    rate: int = audio.RATE
    listing: str = "clips.csv"

    def clips(self, table: pd.DataFrame) -> list[ExplainedClip]:
        """The clips of a table, one for each row."""
        rows = [SimpleNamespace(**record) for record in table.to_dict("records")]
        return [ExplainedClip(self._folder_of(row), row, self.rate) for row in rows]

    def read(self) -> list[ExplainedClip]:
        """Every listed clip; InputError if there is no list."""
        return self.clips(read_csv(self.folder / self.listing))

    def write_list(self, table: pd.DataFrame, float_format: str | None = None) -> None:
        """List the clips that are in the store, once all of them are explained."""
        write_csv(self.folder / self.listing, table, float_format)

    def _folder_of(self, row: SimpleNamespace) -> Path:
        return self.folder.joinpath(*(str(getattr(row, column)) for column in self.named_by))
