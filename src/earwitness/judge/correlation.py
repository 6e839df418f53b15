"""How well ratings are predicted: Pearson's r, averaged, with an interval over songs."""

import numpy as np
import pandas as pd
from scipy.stats import bootstrap

from earwitness.judge.bootstrap import Interval


def correlation_interval(
    predicted: pd.DataFrame,
    rated: pd.DataFrame,
    groups: pd.Series,
    against: pd.DataFrame | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean over columns of Pearson's r, with a 95 % percentile interval from resampling groups.

    Args:
        predicted: one row an item, one column a correlation; no NaN.
        rated: as `predicted`.
        groups: what each item belongs to, in the order of the rows.
        against: other predictions, whose mean is subtracted; the same items are drawn for both.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        The mean, or the difference of means; the number of groups.
    """
    tables = [predicted] if against is None else [predicted, against]
    moments = [_moments(table.to_numpy(), rated.to_numpy()) for table in tables]
    by_group = [pd.DataFrame(m).groupby(groups.to_numpy()).sum().to_numpy() for m in moments]
    count = len(by_group[0])

    def statistic(rows: np.ndarray, axis: int = -1) -> np.ndarray:
        means = [mean_r(sums[rows].sum(axis=-2)) for sums in by_group]
        return np.asarray(means[0] - means[1] if len(means) > 1 else means[0])

    everything = np.arange(count)
    value = float(statistic(everything))
    if count < 2:
        return Interval(value, np.nan, np.nan, count)
    found = bootstrap(
        (everything,),
        statistic,
        vectorized=True,
        method="percentile",
        n_resamples=resamples,
        batch=50,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(value, float(found.low), float(found.high), count)


def _moments(predicted: np.ndarray, rated: np.ndarray) -> np.ndarray:
    """What sums of make Pearson's r: six numbers a column, `(items, 6 * columns)`."""
    ones = np.ones_like(rated)
    return np.concatenate(
        [ones, predicted, rated, predicted**2, rated**2, predicted * rated], axis=1
    )


def mean_r(sums: np.ndarray) -> np.ndarray:
    """Sums `(..., 6 * columns)` of what `_moments` makes -> mean over columns of r."""
    n, x, y, xx, yy, xy = np.moveaxis(sums.reshape(*sums.shape[:-1], 6, -1), -2, 0)
    spread = np.maximum(n * xx - x**2, 0) * np.maximum(n * yy - y**2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (n * xy - x * y) / np.sqrt(spread)
    return np.asarray(np.nanmean(r, axis=-1) if np.isfinite(r).any() else np.nan)
