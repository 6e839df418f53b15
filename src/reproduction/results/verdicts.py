"""Verdicts: published numbers compared with ours."""

from collections.abc import Iterable
from math import isnan
from typing import Any, NamedTuple

import pandas as pd

from earwitness.judge.bootstrap import Interval


class Verdict(NamedTuple):
    """One row of `verdicts.csv`; see `verdict` for the last column."""

    id: str
    what: str
    published: float
    published_spread: float
    source: str
    reproduced: float
    ci_low: float
    ci_high: float
    n: int
    data: str
    verdict: str


def verdict(published: dict[str, Any], ours: Interval, data: str) -> Verdict:
    """Compare a published number with ours.

    The verdict is `reproduced` if the published value with its spread and our interval overlap,
    `differs` if they do not, and `not comparable` if our data are not those of the publication. If
    we have no interval (its lower bound is NaN), our value alone must lie within the spread.

    Args:
        published: an entry of `published.yaml`: id, what, value, spread, source, data.
        ours: the same quantity, measured here, with its 95 % interval.
        data: name of the corpus that `ours` was measured on.
    """
    value, spread = published["value"], published["spread"]
    low, high = (ours.value, ours.value) if isnan(ours.low) else (ours.low, ours.high)
    overlap = value - spread <= high and low <= value + spread
    judged = "reproduced" if overlap else "differs"
    return Verdict(
        id=published["id"],
        what=published["what"],
        published=value,
        published_spread=spread,
        source=published["source"],
        reproduced=ours.value,
        ci_low=ours.low,
        ci_high=ours.high,
        n=ours.n,
        data=data,
        verdict=judged if data == published["data"] else "not comparable",
    )


def table(rows: Iterable[NamedTuple], columns: type[NamedTuple]) -> pd.DataFrame:
    """Return rows as a table, which has its columns even if there are no rows."""
    return pd.DataFrame(rows, columns=columns._fields)
