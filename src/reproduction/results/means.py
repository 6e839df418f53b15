"""Rows of a check as the rows of a table: means with their intervals."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from earwitness.judge.bootstrap import Interval, mean_interval

ENDS = ("", "_low", "_high")
"""What follows the name of a value in the names of its columns."""
AS_MEAN = {"value": "mean", "value_low": "ci_low", "value_high": "ci_high"}
"""What some tables call the columns of a `value`."""


def means(
    rows: pd.DataFrame,
    kinds: Sequence[str],
    values: Sequence[str],
    seed: int,
    counted: Mapping[str, str] = MappingProxyType({}),
    plain: Sequence[str] = (),
) -> pd.DataFrame:
    """Mean of each value with its 95 % interval over speakers, one row a kind.

    Args:
        rows: one row an item, with its `speaker`; NaN where an item has no such value.
        kinds: columns by which rows belong together, in the order of the table.
        values: columns of numbers.
        seed: of the bootstrap.
        counted: name of a column -> the column whose different entries it counts.
        plain: columns of numbers of which the mean is enough.

    Returns:
        The kinds; what is counted; of each value `value`, `value_low`, `value_high` and, where
        nothing else is counted, `value_n`, the number of items that have one; the plain means.
    """
    ends = ENDS if counted else (*ENDS, "_n")
    columns = [f"{value}{end}" for value in values for end in ends]
    found = _rows(rows, kinds, values, seed, counted, plain)
    return pd.DataFrame(found, columns=[*kinds, *counted, *columns, *plain])


def _rows(
    rows: pd.DataFrame,
    kinds: Sequence[str],
    values: Sequence[str],
    seed: int,
    counted: Mapping[str, str],
    plain: Sequence[str],
) -> Iterator[dict[str, Any]]:
    for kind, group in rows.groupby(list(kinds), sort=False):
        told: dict[str, Any] = dict(zip(kinds, kind, strict=True))
        told |= {name: group[of].nunique() for name, of in counted.items()}
        for value in values:
            known = group.dropna(subset=value)
            found = mean_interval(known[value], known.speaker, seed=seed)
            told |= {f"{value}{end}": number for end, number in zip(ENDS, found[:3], strict=True)}
            told[f"{value}_n"] = len(known)
        yield told | {name: group[name].mean() for name in plain}


def by_speaker(values: pd.Series, seed: int) -> Interval:
    """Mean with its 95 % interval over speakers, which are a level of the index of `values`."""
    speakers = values.index.get_level_values("speaker").to_series()
    return mean_interval(values, speakers, seed=seed)
