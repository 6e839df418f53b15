"""Rows of a check as the rows of a table: means with their intervals."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from earwitness.judge.bootstrap import mean_interval


def means(
    rows: pd.DataFrame, kinds: Sequence[str], values: Sequence[str], seed: int
) -> pd.DataFrame:
    """Mean of each value with its 95 % interval over speakers, one row a kind.

    Args:
        rows: one row an item, with its `speaker`; NaN where an item has no such value.
        kinds: columns by which rows belong together, in the order of the table.
        values: columns of numbers.
        seed: of the bootstrap.

    Returns:
        The kinds, and of each value `value`, `value_low`, `value_high`, `value_n`, the number of
        items that have one.
    """
    columns = [name for value in values for name in _columns(value)]
    return pd.DataFrame(_rows(rows, kinds, values, seed), columns=[*kinds, *columns])


def _columns(value: str) -> tuple[str, ...]:
    return value, f"{value}_low", f"{value}_high", f"{value}_n"


def _rows(
    rows: pd.DataFrame, kinds: Sequence[str], values: Sequence[str], seed: int
) -> Iterator[dict[str, Any]]:
    for kind, group in rows.groupby(list(kinds), sort=False):
        told: dict[str, Any] = dict(zip(kinds, kind, strict=True))
        for value in values:
            known = group.dropna(subset=value)
            found = mean_interval(known[value], known.speaker, seed=seed)
            told |= dict(zip(_columns(value), (*found[:3], len(known)), strict=True))
        yield told
