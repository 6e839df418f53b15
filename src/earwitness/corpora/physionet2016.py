"""PhysioNet/CinC Challenge 2016, training set: 3,240 phonocardiograms, normal or abnormal."""

from pathlib import Path

import pandas as pd

from earwitness.corpora.corpus import DIAGNOSES, Corpus, read_records

NAME = "PhysioNet 2016"
LICENCE = "ODC-By 1.0"
RATE = 1000
SOURCE_RATE = 2000
"""Of the recordings as published, in Hz; the records count frames at this rate."""


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `diagnosis`; `database` is a to f.

    Which recordings are of the same patient is not published, so each is a `speaker` of its own.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    records = read_records(root, {}, NAME, _prepared)
    return Corpus(NAME, Path(root), records, LICENCE, RATE)


def _prepared(records: pd.DataFrame) -> pd.DataFrame:
    """The columns that every corpus of hearts has."""
    return pd.DataFrame(
        {
            "file": "training-" + records.database + "/" + records.record + ".flac",
            "speaker": records.record,
            "database": records.database,
            "diagnosis": records.label.map(dict(zip((-1, 1), DIAGNOSES, strict=True))),
            "frames": -(-records.frames * RATE // SOURCE_RATE),
        }
    )
