"""Bootstrap intervals that resample what was sampled: speakers, not their recordings."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import bootstrap


class Interval(NamedTuple):
    """A statistic, its 95 % interval (NaN if there is none) and the number of groups resampled."""

    value: float
    low: float
    high: float
    n: int


def mean_interval(
    values: pd.Series, groups: pd.Series, resamples: int = 5000, seed: int = 0
) -> Interval:
    """Mean of `values` with a 95 % percentile interval from resampling whole `groups`.

    The cluster bootstrap: recordings of one speaker resemble each other, so speakers are drawn,
    each with all of its values. With a single group there is no interval.

    Args:
        values: one number an item, in any unit; NaN is left out.
        groups: what each item belongs to, aligned with `values`.
        resamples: number of bootstrap draws.
        seed: of the draws.
    """
    known = values.notna().astype(float)
    return ratio_interval(values.fillna(0.0).to_frame(), known.to_frame(), groups, resamples, seed)


def ratio_interval(
    parts: pd.DataFrame,
    wholes: pd.DataFrame,
    groups: pd.Series,
    resamples: int = 5000,
    seed: int = 0,
) -> Interval:
    """Sum of `parts` over sum of `wholes`, averaged over columns, as `mean_interval` does it.

    For ratios of pooled counts, such as the accuracy over frames of recordings of any length, or
    the mean F1 of several states.

    Args:
        parts: one row an item, one column a ratio.
        wholes: as `parts`.
        groups: what each item belongs to, aligned with both.
        resamples: number of bootstrap draws.
        seed: of the draws.
    """
    tables = (table.astype(float).groupby(groups.to_numpy()).sum() for table in (parts, wholes))
    sums = [column for table in tables for column in table.to_numpy().T]
    if not all(whole.sum() for whole in sums[len(sums) // 2 :]):
        return Interval(np.nan, np.nan, np.nan, len(sums[0]))
    value = float(_mean_ratio(*sums))
    return percentile_interval(value, sums, _mean_ratio, resamples, seed)


def percentile_interval(
    value: float,
    samples: Sequence[np.ndarray],
    statistic: Callable[..., Any],
    resamples: int,
    seed: int,
    batch: int = 500,
) -> Interval:
    """A statistic with its 95 % percentile interval; with fewer than two groups there is none.

    Args:
        value: the statistic of the sample itself.
        samples: sums or counts `(groups,)` each; the same groups are drawn from all of them.
        statistic: samples `(..., groups)` and an `axis` -> the statistic of each draw, `(...)`.
        resamples: number of bootstrap draws.
        seed: of the draws.
        batch: number of draws held in memory at once.
    """
    count = len(samples[0])
    if count < 2:
        return Interval(value, np.nan, np.nan, count)
    settings: dict[str, Any] = {
        "n_resamples": resamples,
        "batch": batch,
        "rng": np.random.default_rng(seed),
    }
    bounds = bootstrap(
        samples, statistic, paired=True, vectorized=True, method="percentile", **settings
    ).confidence_interval
    return Interval(value, float(bounds.low), float(bounds.high), count)


def _mean_ratio(*sums: Any, axis: int = -1) -> Any:
    """Mean of ratios `(...)` of sums `(..., groups)`; numerators come before denominators."""
    half = len(sums) // 2
    ratios = (
        part.sum(axis=axis) / whole.sum(axis=axis)
        for part, whole in zip(sums[:half], sums[half:], strict=True)
    )
    return sum(ratios) / half
