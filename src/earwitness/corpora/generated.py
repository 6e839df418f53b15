"""What the corpora that the project synthesises have in common: made once, and then left alone."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from earwitness.errors import InputError
from earwitness.files import atomic, write_json, write_text

EVIDENCE = "evidence.csv"
"""Table of the regions in which evidence was planted."""
REGIONS = ("file", "label", "onset_s", "offset_s", "low_hz", "high_hz")
"""Columns of that table: what each region speaks for, and where it lies."""
DECIMALS = {"onset_s": 4, "offset_s": 4, "low_hz": 1, "high_hz": 1}
"""Of the columns that are rounded when a table is written."""


def holds(root: Path, arguments: dict[str, Any]) -> bool:
    """Whether `root` holds a complete corpus that was made with `arguments` (plain data)."""
    made_by = root / "generator.json"
    if not (root / "records.csv").is_file() or not made_by.is_file():
        return False
    return bool(json.loads(made_by.read_text(encoding="utf-8")) == arguments)


def begin(root: Path, arguments: dict[str, Any], readme: str) -> None:
    """Say what is made; without `records.csv`, which comes last, the folder is unfinished."""
    (root / "records.csv").unlink(missing_ok=True)
    write_json(root / "generator.json", arguments)
    write_text(root / "README.txt", readme)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table, times to 0.1 ms and frequencies to 0.1 Hz."""
    with atomic(path) as temporary:
        table.round(DECIMALS).to_csv(temporary, index=False, lineterminator="\n")


def read_evidence(root: str | Path, corpus: str) -> pd.DataFrame:
    """The planted regions: file, label, onset_s, offset_s, low_hz, high_hz.

    Raises:
        InputError: the corpus is not there or not complete.
    """
    root = Path(root)
    if not (root / "records.csv").is_file():
        raise InputError(f"{root}: holds no complete {corpus}; generate them first")
    return pd.read_csv(root / EVIDENCE)
