"""CirCor DigiScope: phonocardiograms of children with every state of the heart annotated."""

from pathlib import Path

import pandas as pd

from earwitness.corpora.corpus import Corpus, read_records
from earwitness.errors import InputError

NAME = "CirCor"
LICENCE = "ODC-By 1.0"
RATE = 1000


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`: one recording of each of 942 subjects, and segments.

    `diagnosis` is the outcome of the whole examination. A subject who came in both campaigns is
    one `speaker`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    records = read_records(root, {}, NAME, _prepared)
    return Corpus(NAME, Path(root), records, LICENCE, RATE, _segments(Path(root)))


def _prepared(records: pd.DataFrame) -> pd.DataFrame:
    """The columns that every corpus of hearts has, and what is known of the subject."""
    told = records[["location", "age", "sex", "murmur"]].rename(columns={"sex": "subject_sex"})
    return told.assign(
        file="audio/" + records.record + ".flac",
        speaker=_subjects(records),
        database=records.campaign,
        diagnosis=records.outcome.str.lower(),
        frames=records.frames,
    )


def _subjects(records: pd.DataFrame) -> pd.Series:
    """The smaller of the numbers that a subject was given in the two campaigns."""
    first = records.patient_id.astype(int)
    again = records.additional_id.fillna(first).astype(int)
    return first.where(first < again, again).astype(str)


def _segments(root: Path) -> pd.DataFrame:
    """Every annotated state: file, start_s, end_s, state."""
    path = root / "segments.csv"
    if not path.is_file():
        raise InputError(f"{path}: not there; prepare {NAME} again")
    table = pd.read_csv(path)
    return table.assign(file="audio/" + table.record + ".flac").drop(columns="record")
