"""Tables as CSV files: written completely or not at all, read with names as text."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earwitness.errors import InputError
from earwitness.files import atomic

NAME_COLUMNS = ("speaker", "clip", "database")
"""Columns that hold names, even where all of them look like numbers."""


def write_csv(path: Path, table: pd.DataFrame, float_format: str | None = "%.6f") -> None:
    """Write the rows of a table without its index.

    Args:
        path: of the file; its folder is created.
        table: what is written.
        float_format: of fractions, as in printf; None writes every digit.
    """
    with atomic(path) as temporary:
        table.to_csv(temporary, index=False, float_format=float_format)


def read_csv(path: Path, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table; one without rows and columns where the file holds no column at all.

    Args:
        path: of the file.
        text: columns that are read as text, beside `NAME_COLUMNS`.

    Raises:
        InputError: there is no such file.
    """
    try:
        return pd.read_csv(path, dtype=dict.fromkeys([*NAME_COLUMNS, *text], str))
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; run the stage that writes it (make does)") from error
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
