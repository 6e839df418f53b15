"""The record type that every corpus is read into."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from earwitness.errors import InputError
from earwitness.files import files_hash, text_hash
from earwitness.sound import audio

SEXES = ("male", "female")
"""Class order of the sex label, as in Becker et al. (male 0, female 1)."""

DIAGNOSES = ("normal", "abnormal")
"""Classes of heart sounds; the second is what is looked for."""

CLASSES: dict[str, list[int | str]] = {
    "digit": list(range(10)),
    "sex": list(SEXES),
    "diagnosis": list(DIAGNOSES),
}
"""Classes of each label, in the order of a model's outputs."""


@dataclass(frozen=True)
class Corpus:
    """Recordings with their speakers and labels.

    Attributes:
        name: what tables and captions call it.
        root: folder of the prepared layout.
        records: one row a recording: `file` (relative to `root`), `speaker`, `frames` (samples
            at `rate`) and the labels the corpus has, keys of `CLASSES`.
        licence: SPDX-like short name, shown wherever its sound is used.
        rate: at which it is read, in Hz.
        segments: of heart sounds, the annotated states: `file`, `start_s`, `end_s` and `state`, its
            number in `heart_cycle.STATES` counted from 1, 0 where it is unknown; None for a corpus
            without states.
    """

    name: str
    root: Path
    records: pd.DataFrame
    licence: str
    rate: int = audio.RATE
    segments: pd.DataFrame | None = None

    def waves(self, rows: pd.Index) -> list[Tensor]:
        """Read the recordings of `rows`: float32 `(samples,)` each, at `rate` Hz.

        Raises:
            InputError: one is missing, damaged, or not as long as the records say.
        """
        chosen = self.records.loc[rows]
        progress = tqdm(chosen.itertuples(), f"reading {self.name}", len(chosen), disable=None)
        return [audio.read(self.root / row.file, self.rate, row.frames) for row in progress]

    def states(self, rows: pd.Index) -> list[Tensor]:
        """The state at each sample of the recordings of `rows`: int64 `(samples,)` each.

        Raises:
            InputError: the corpus has no annotated states.
        """
        if self.segments is None:
            raise InputError(f"{self.name}: its states are not annotated; choose another corpus")
        chosen = self.records.loc[rows]
        by_file = dict(list(self.segments.groupby("file")))
        return [
            track(by_file.get(row.file, self.segments[:0]), row.frames, self.rate)
            for row in chosen.itertuples()
        ]

    def rows(self, files: pd.Series) -> pd.Index:
        """Rows of recordings by their file, in the order in which `files` names them.

        Raises:
            KeyError: the records have no such file.
        """
        by_file = pd.Series(self.records.index, index=self.records.file)
        return pd.Index(by_file[files])

    def content_hash(self) -> str:
        """Hash of every recording and of the records as loaded: what a result depends on."""
        sounds = files_hash([self.root / file for file in self.records.file], self.root)
        tables = [self.records] if self.segments is None else [self.records, self.segments]
        return text_hash(sounds + "".join(table.to_csv(index=False) for table in tables))


def track(segments: pd.DataFrame, samples: int, rate: int) -> Tensor:
    """The state at each of `samples` at `rate` Hz, int64 `(samples,)`; 0 where no segment is.

    `segments` are those of one recording, with `start_s`, `end_s` and `state`.
    """
    track = torch.zeros(samples, dtype=torch.int64)
    for segment in segments.itertuples():
        track[round(segment.start_s * rate) : round(segment.end_s * rate)] = segment.state
    return track


def read_records(
    root: str | Path,
    columns: dict[str, str],
    corpus: str,
    shaped: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Read `records.csv`, renaming `columns` (theirs to ours), speakers as text.

    Where renaming is not enough, `shaped` makes our table of theirs.

    Raises:
        InputError: the folder, the file or a column is missing, or it lists no recording.
    """
    path = Path(root) / "records.csv"
    if not path.is_file():
        raise InputError(
            f"{path}: {corpus} is not there; give DATA_DIR=<folder that holds {Path(root).name}/> "
            f"or run `make data PROFILE=<profile> DATA_DIR=<folder>`"
        )
    records = pd.read_csv(path, dtype={"speaker": str}).rename(columns=columns)
    if shaped is not None:
        try:
            records = shaped(records)
        except (KeyError, AttributeError) as error:
            raise InputError(f"{path}: lacks a column ({error}); prepare {corpus} again") from error
    missing = {"file", "speaker", "frames"} - set(records.columns)
    if missing:
        raise InputError(f"{path}: lacks the columns {sorted(missing)}; prepare {corpus} again")
    if records.empty:
        raise InputError(f"{path}: lists no recording; prepare {corpus} again")
    return _checked_labels(records, path)


def _checked_labels(records: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Refuse labels outside the known classes, naming the first recording that has one."""
    for label, known in CLASSES.items():
        if label in records:
            wrong = records[~records[label].isin(known)]
            if len(wrong):
                row = wrong.iloc[0]
                raise InputError(
                    f"{path}: {row.file}: {label} {row[label]} is not one of {known}; "
                    "correct the row or remove it"
                )
    return records


def classes(label: str) -> list[int | str]:
    """Classes of a label in the order of a model's outputs.

    Raises:
        InputError: no corpus has such a label.
    """
    if label not in CLASSES:
        raise InputError(f"label {label}: unknown; choose among {', '.join(CLASSES)}")
    return CLASSES[label]
