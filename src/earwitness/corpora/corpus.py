"""The record type that every corpus is read into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from earwitness.errors import InputError
from earwitness.files import files_hash, text_hash
from earwitness.sound import audio

Classes = Mapping[str, tuple[int | str, ...]]
"""Label -> its classes, in the order of a model's outputs."""


@dataclass(frozen=True)
class Corpus:
    """Recordings with their speakers and labels.

    Attributes:
        name: display name, for tables and captions.
        root: folder of the prepared layout.
        records: one row per recording: `file` (relative to `root`), `speaker`, `frames` (samples
            at `rate`) and a column for each label.
        licence: SPDX-like short name, shown wherever the corpus's sound is used.
        rate: sampling rate at which recordings are read, in Hz.
        segments: annotated states of heart sounds: `file`, `start_s`, `end_s` and `state`, its
            number in `heart_cycle.STATES` counted from 1, 0 where it is unknown; None for a corpus
            without states.
        classes: classes of each label that has classes.
    """

    name: str
    root: Path
    records: pd.DataFrame
    licence: str
    rate: int = audio.RATE
    segments: pd.DataFrame | None = None
    classes: Classes = field(default_factory=dict)

    def class_names(self, label: str) -> tuple[int | str, ...]:
        """Return the classes of `label`, in the order of a model's outputs.

        Raises:
            InputError: the corpus has no such label, or the label has no classes.
        """
        if label not in self.classes:
            known = ", ".join(self.classes) or "none"
            raise InputError(f"{self.name}: label {label} has no classes; choose among {known}")
        return self.classes[label]

    def waves(self, rows: pd.Index) -> list[Tensor]:
        """Read the recordings of `rows`: float32 `(samples,)` each, at `rate` Hz.

        Raises:
            InputError: a recording is missing, damaged, or not as long as the records say.
        """
        records = self.records.loc[rows]
        progress = tqdm(records.itertuples(), f"reading {self.name}", len(records), disable=None)
        return [audio.read(self.root / row.file, self.rate, row.frames) for row in progress]

    def states(self, rows: pd.Index) -> list[Tensor]:
        """Return the state at each sample of the recordings of `rows`: int64 `(samples,)` each.

        Raises:
            InputError: the corpus has no annotated states.
        """
        if self.segments is None:
            raise InputError(f"{self.name}: its states are not annotated; choose another corpus")
        by_file = dict(list(self.segments.groupby("file")))
        return [
            track(by_file.get(row.file, self.segments[:0]), row.frames, self.rate)
            for row in self.records.loc[rows].itertuples()
        ]

    def rows(self, files: pd.Series) -> pd.Index:
        """Return the rows of the recordings `files`, in the order of `files`.

        Raises:
            KeyError: the records have no such file.
        """
        by_file = pd.Series(self.records.index, index=self.records.file)
        return pd.Index(by_file[files])

    def content_hash(self) -> str:
        """Return a hash of every recording and of the records as loaded."""
        sounds = files_hash([self.root / file for file in self.records.file], self.root)
        tables = [self.records] if self.segments is None else [self.records, self.segments]
        return text_hash(sounds + "".join(table.to_csv(index=False) for table in tables))


def track(segments: pd.DataFrame, samples: int, rate: int) -> Tensor:
    """Return the state at each of `samples` at `rate` Hz, int64 `(samples,)`; 0 outside segments.

    `segments` are those of one recording, with `start_s`, `end_s` and `state`.
    """
    track = torch.zeros(samples, dtype=torch.int64)
    for segment in segments.itertuples():
        track[round(segment.start_s * rate) : round(segment.end_s * rate)] = segment.state
    return track


def read_corpus(
    root: str | Path,
    name: str,
    licence: str,
    classes: Classes | None = None,
    rate: int = audio.RATE,
    to_records: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Corpus:
    """Read the prepared layout under `root`, as `read_records` reads its table.

    Args:
        root: folder of the prepared layout.
        name: display name of the corpus.
        licence: short name of its licence.
        classes: classes of each label.
        rate: sampling rate of its recordings, in Hz.
        to_records: turns the table in the file into our records; identity by default.

    Raises:
        InputError: the layout is missing or incomplete, or a label is outside its classes.
    """
    classes = classes or {}
    records = read_records(root, name, classes, to_records)
    return Corpus(name, Path(root), records, licence, rate, classes=classes)


def read_records(
    root: str | Path,
    corpus: str,
    classes: Classes | None = None,
    to_records: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Read `records.csv` under `root`, speakers as text; `to_records` maps its columns to ours.

    Raises:
        InputError: the folder, the file or a column is missing, the file lists no recording, or a
            label is outside its classes.
    """
    path = Path(root) / "records.csv"
    if not path.is_file():
        raise InputError(
            f"{path}: {corpus} is not there; give DATA_DIR=<folder that holds {Path(root).name}/> "
            f"or run `make data PROFILE=<profile> DATA_DIR=<folder>`"
        )
    records = pd.read_csv(path, dtype={"speaker": str})
    try:
        records = to_records(records) if to_records else records
    except (KeyError, AttributeError) as error:
        raise InputError(f"{path}: lacks a column ({error}); prepare {corpus} again") from error
    _check(records, classes or {}, path, corpus)
    return records


def _check(records: pd.DataFrame, classes: Classes, path: Path, corpus: str) -> None:
    """Raise InputError if a column is missing, nothing is listed or a label is no known class."""
    missing = {"file", "speaker", "frames", *classes} - set(records.columns)
    if missing:
        raise InputError(f"{path}: lacks the columns {sorted(missing)}; prepare {corpus} again")
    if records.empty:
        raise InputError(f"{path}: lists no recording; prepare {corpus} again")
    for label, known in classes.items():
        for row in records[~records[label].isin(known)].head(1).to_dict("records"):
            raise InputError(
                f"{path}: {row['file']}: {label} {row[label]} is not one of {list(known)}; "
                "correct the row or remove it"
            )
