"""From rows of a check to rows of a table: means with their 95 % intervals."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from earwitness.judge.bootstrap import Interval, mean_interval

SUFFIXES = ("", "_low", "_high")
"""Of the columns of a value: its mean and the ends of the interval."""
AS_MEAN = {"value": "mean", "value_low": "ci_low", "value_high": "ci_high"}
"""Column names of `means` -> other names of these columns, which some tables use."""


def means(
    rows: pd.DataFrame,
    kinds: Sequence[str],
    values: Sequence[str],
    seed: int,
    counted: Mapping[str, str] = MappingProxyType({}),
    plain: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the mean of each value with its 95 % interval over speakers, one row per kind.

    Args:
        rows: one row per item, with its `speaker`; NaN if an item has no such value.
        kinds: columns to group by, in the order of the table.
        values: columns of numbers, of which means and intervals are computed.
        seed: of the bootstrap.
        counted: name of a new column -> column whose unique entries it counts.
        plain: columns of numbers of which the mean without interval is enough.

    Returns:
        The kinds; the counts; for each value `value`, `value_low`, `value_high` and, if nothing
        else is counted, `value_n`, the number of items that have it; the plain means.
    """
    suffixes = SUFFIXES if counted else (*SUFFIXES, "_n")
    columns = [f"{value}{suffix}" for value in values for suffix in suffixes]
    records = _records(rows, kinds, values, seed, counted, plain)
    return pd.DataFrame(records, columns=[*kinds, *counted, *columns, *plain])


def _records(
    rows: pd.DataFrame,
    kinds: Sequence[str],
    values: Sequence[str],
    seed: int,
    counted: Mapping[str, str],
    plain: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """Yield the row of each kind; arguments as in `means`."""
    for kind, group in rows.groupby(list(kinds), sort=False):
        record: dict[str, Any] = dict(zip(kinds, kind, strict=True))
        record |= {name: group[column].nunique() for name, column in counted.items()}
        for value in values:
            present = group.dropna(subset=value)
            interval = mean_interval(present[value], present.speaker, seed=seed)
            record |= {f"{value}{end}": x for end, x in zip(SUFFIXES, interval[:3], strict=True)}
            record[f"{value}_n"] = len(present)
        yield record | {name: group[name].mean() for name in plain}


def mean_by_speaker(values: pd.Series, seed: int) -> Interval:
    """Return the mean with its 95 % interval over speakers, an index level of `values`."""
    speakers = values.index.get_level_values("speaker").to_series()
    return mean_interval(values, speakers, seed=seed)
