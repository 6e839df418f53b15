"""Tables written and read: digits, names that look like numbers, files that are missing."""

from pathlib import Path

import pandas as pd
import pytest

from earwitness.errors import InputError
from reproduction.csv_files import read_csv, write_csv


def test_fractions_have_the_wanted_digits(tmp_path: Path) -> None:
    """Six by default; every one with None; whole numbers have no fraction."""
    table = pd.DataFrame({"n": [1], "share": [1 / 3]})
    for number, (options, expected) in enumerate(
        [({}, "0.333333"), ({"float_format": "%.2f"}, "0.33"), ({"float_format": None}, f"{1 / 3}")]
    ):
        path = tmp_path / "new" / f"{number}.csv"
        write_csv(path, table, **options)
        assert path.read_text() == f"n,share\n1,{expected}\n"


def test_names_are_text(tmp_path: Path) -> None:
    """Of speakers, clips and databases, and of columns that the caller names."""
    (tmp_path / "a.csv").write_text("speaker,clip,percent,n\n01,002,10,3\n")
    assert read_csv(tmp_path / "a.csv").iloc[0].tolist() == ["01", "002", 10, 3]
    assert read_csv(tmp_path / "a.csv", text=["percent"]).percent.tolist() == ["10"]


def test_a_file_without_columns_is_an_empty_table(tmp_path: Path) -> None:
    """As a job without rows leaves it."""
    write_csv(tmp_path / "a.csv", pd.DataFrame([]))
    assert read_csv(tmp_path / "a.csv").shape == (0, 0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(InputError, match=r"a\.csv: missing; run the stage that writes it"):
        read_csv(tmp_path / "a.csv")
