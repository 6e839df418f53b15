"""Intervals that respect what was sampled: speakers, not their recordings."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import bootstrap


class Interval(NamedTuple):
    """A statistic, its 95 % interval (NaN where one cannot be had) and the units resampled."""

    value: float
    low: float
    high: float
    n: int


def mean_interval(
    values: pd.Series, groups: pd.Series, resamples: int = 5000, seed: int = 0
) -> Interval:
    """Mean of `values` with a 95 % percentile interval from resampling whole `groups`.

    Recordings of one speaker resemble each other, so speakers are drawn, each with all of its
    values (the cluster bootstrap). With a single group there is no interval.

    Args:
        values: one number an item.
        groups: what each item belongs to, aligned with `values`.
        resamples: number of bootstrap draws.
        seed: of the draws.
    """
    by_group = values.astype(float).groupby(groups.to_numpy())
    sums, counts = by_group.sum().to_numpy(), by_group.count().to_numpy()
    mean = float(sums.sum() / counts.sum())
    if len(sums) < 2:
        return Interval(mean, np.nan, np.nan, len(sums))
    result = bootstrap(
        (sums, counts),
        _ratio,
        paired=True,
        method="percentile",
        n_resamples=resamples,
        batch=500,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean, float(result.low), float(result.high), len(sums))


def _ratio(sums: Any, counts: Any, axis: int = -1) -> Any:
    """Mean over the items of the groups drawn."""
    return sums.sum(axis=axis) / counts.sum(axis=axis)
