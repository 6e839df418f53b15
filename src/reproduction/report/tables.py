"""Tables as the report shows them: a number and its interval in one cell."""

import csv
from pathlib import Path
from typing import NamedTuple

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
    number: str | None


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table of results, every cell as it is written.

    Raises:
        InputError: the file is missing, or its rows are not as long as its head.
    """
    return _read(path)[1]


def table(path: Path) -> Table:
    """A table of results, to be shown; intervals are in the cells of their numbers.

    Raises:
        InputError: as `read`.
    """
    names, rows = _read(path)
    intervals = _intervals(names)
    hidden = {name for parts in intervals.values() for name in parts if name}
    kept = [name for name in names if name not in hidden]
    numbers = {name for name in kept if _is_number([row[name] for row in rows])}
    cells = [
        [_cell(row, name, intervals.get(name), name in numbers) for name in kept] for row in rows
    ]
    return Table(path.name, words(path.stem), [words(name) for name in kept], cells)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The head and the rows of a table."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        return head, [dict(zip(head, row, strict=True)) for row in rows]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no table; make it again") from error


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


def _is_number(values: list[str]) -> bool:
    """Whether every value that says something is a number, and any does."""
    told = [value for value in values if value]
    try:
        return bool([float(value) for value in told])
    except ValueError:
        return False


def _cell(row: dict[str, str], name: str, interval: Interval | None, is_number: bool) -> Cell:
    """A value; `value [low, high]`, and of how many, where the table says so."""
    text = row[name]
    if interval and row[interval.low]:
        text += f" [{row[interval.low]}, {row[interval.high]}]"
    if interval and interval.number and row[interval.number]:
        text += f" n = {row[interval.number]}"
    return Cell(text, row[name], is_number)
