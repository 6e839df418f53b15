"""Tables of results as the report shows them: a number and its interval in one cell."""

import csv
from pathlib import Path
from typing import NamedTuple

from earwitness.errors import InputError

ESTIMATES = {"ci": "mean", "below_ci": "below_random"}
"""Prefix of `<prefix>_low` and `<prefix>_high` -> column of the estimate, if named differently."""


class Cell(NamedTuple):
    """A cell: the text that is shown, the text it is sorted by, and whether it is a number."""

    text: str
    sort_key: str
    is_number: bool


class Table(NamedTuple):
    """A table: name of its file, its title, and for each row one cell per column of `headers`."""

    file: str
    title: str
    headers: list[str]
    rows: list[list[Cell]]


class IntervalColumns(NamedTuple):
    """Columns that are merged into the cell of an estimate: interval and sample size."""

    low: str
    high: str
    size: str | None


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, every cell as it is written.

    Raises:
        InputError: the file is missing, or a row is longer or shorter than the header.
    """
    return _read(path)[1]


def read_table(path: Path) -> Table:
    """Return the table of a CSV file, with intervals in the cells of their estimates.

    Raises:
        InputError: as `read_rows`.
    """
    columns, rows = _read(path)
    intervals = _intervals(columns)
    merged = {name for interval in intervals.values() for name in interval if name}
    shown = [name for name in columns if name not in merged]
    numbers = {name for name in shown if _is_numeric([row[name] for row in rows])}
    cells = [
        [_cell(row, name, intervals.get(name), name in numbers) for name in shown] for row in rows
    ]
    return Table(path.name, title_of(path.stem), [title_of(name) for name in shown], cells)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the column names and the rows of a CSV file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        return header, [dict(zip(header, row, strict=True)) for row in rows]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: missing or damaged; make it again") from error


def title_of(name: str) -> str:
    """Return the name of a file or column as it is shown, with spaces for underscores."""
    return name.replace("_", " ").strip()


def _intervals(columns: list[str]) -> dict[str, IntervalColumns]:
    """Return the interval columns of each column that has an interval."""
    intervals = {}
    for low in (name for name in columns if name.endswith("_low")):
        prefix = low.removesuffix("_low")
        estimate = ESTIMATES.get(prefix, prefix)
        if estimate in columns and f"{prefix}_high" in columns:
            count = f"{prefix}_n" if f"{prefix}_n" in columns else None
            intervals[estimate] = IntervalColumns(low, f"{prefix}_high", count)
    return intervals


def _is_numeric(values: list[str]) -> bool:
    """Return whether all values that are not empty are numbers, and there is at least one."""
    present = [value for value in values if value]
    try:
        return bool([float(value) for value in present])
    except ValueError:
        return False


def _cell(
    row: dict[str, str], name: str, interval: IntervalColumns | None, is_number: bool
) -> Cell:
    """Return a value as `value [low, high] n = count`, without what the row lacks."""
    text = row[name]
    if interval and row[interval.low]:
        text += f" [{row[interval.low]}, {row[interval.high]}]"
    if interval and interval.size and row[interval.size]:
        text += f" n = {row[interval.size]}"
    return Cell(text, row[name], is_number)
