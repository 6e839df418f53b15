"""Tables as the report shows them: a number and its interval in one cell."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from earwitness.errors import InputError

OF_WHICH = {"ci": "mean", "below_ci": "below_random"}
"""Whose interval it is, where `<name>_low` and `<name>_high` are not named after a column."""


class Cell(NamedTuple):
    """What is shown, what the column is sorted by, and whether it is a number."""

    text: str
    key: str
    is_number: bool


class Table(NamedTuple):
    """A table by its file's name; `rows` has a cell for each of `heads`."""

    file: str
    title: str
    heads: list[str]
    rows: list[list[Cell]]


class Interval(NamedTuple):
    """The columns that stand in one cell."""

    low: str
    high: str
    count: str | None


def read(path: Path) -> pd.DataFrame:
    """A table of results, every cell as it is written.

    Raises:
        InputError: the file is missing or no table.
    """
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no table; make it again") from error


def table(path: Path) -> Table:
    """A table of results, to be shown; intervals are in the cells of their numbers."""
    found = read(path)
    intervals = _intervals(list(found))
    hidden = {name for parts in intervals.values() for name in parts if name}
    kept = [name for name in found if name not in hidden]
    columns = [_column(found, name, intervals.get(name)) for name in kept]
    rows = [list(row) for row in zip(*columns, strict=True)] if len(found) else []
    return Table(path.name, words(path.stem), [words(name) for name in kept], rows)


def words(name: str) -> str:
    """The name of a file or column as words."""
    return name.replace("_", " ").strip()


def _intervals(names: list[str]) -> dict[str, Interval]:
    """Of each column that has an interval, the columns of it."""
    found = {}
    for low in (name for name in names if name.endswith("_low")):
        stem = low.removesuffix("_low")
        of = OF_WHICH.get(stem, stem)
        if of in names and f"{stem}_high" in names:
            count = f"{stem}_n" if f"{stem}_n" in names else None
            found[of] = Interval(low, f"{stem}_high", count)
    return found


def _column(found: pd.DataFrame, name: str, interval: Interval | None) -> list[Cell]:
    """The cells of a column; it is one of numbers if every cell that says something is one."""
    values = found[name]
    told = values[values != ""]
    is_number = bool(len(told)) and bool(pd.to_numeric(told, errors="coerce").notna().all())
    texts = values if interval is None else _with_interval(found, name, interval)
    return [Cell(text, key, is_number) for text, key in zip(texts, values, strict=True)]


def _with_interval(found: pd.DataFrame, name: str, interval: Interval) -> list[str]:
    """`value [low, high]`, and of how many where the table says so."""
    shown = []
    for row in found.to_dict("records"):
        text = row[name]
        if row[interval.low]:
            text += f" [{row[interval.low]}, {row[interval.high]}]"
        if interval.count and row[interval.count]:
            text += f" n = {row[interval.count]}"
        shown.append(text)
    return shown
