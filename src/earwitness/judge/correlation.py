"""Correlation of two tables, averaged over columns; intervals from resampling groups of rows."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from earwitness.judge.bootstrap import Interval, percentile_interval


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
        rated: the true values, with rows and columns as `predicted`.
        groups: what each item belongs to, in the order of the rows.
        against: other predictions, whose mean r is subtracted; the same groups are drawn for both.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        The mean r in [-1, 1], or the difference of means; the number of groups.
    """
    tables = [predicted] if against is None else [predicted, against]
    return _interval([(table, rated) for table in tables], mean_pearson, groups, resamples, seed)


def cosine_interval(
    first: pd.DataFrame,
    second: pd.DataFrame,
    groups: pd.Series,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean over columns of the cosine, for values with a meaningful zero; interval as above.

    Args:
        first: one row an item, one column a cosine; no NaN.
        second: as `first`.
        groups: what each item belongs to, in the order of the rows.
        resamples: number of bootstrap draws.
        seed: of the draws.
    """
    return _interval([(first, second)], mean_cosine, groups, resamples, seed)


def _interval(
    pairs: list[tuple[pd.DataFrame, pd.DataFrame]],
    measure: Callable[[np.ndarray], np.ndarray],
    groups: pd.Series,
    resamples: int,
    seed: int,
) -> Interval:
    """`measure` of the first pair, minus that of the second if there is one."""
    moments = [_moments(*(table.to_numpy() for table in pair)) for pair in pairs]
    by_group = [pd.DataFrame(m).groupby(groups.to_numpy()).sum().to_numpy() for m in moments]

    def statistic(rows: np.ndarray, axis: int = -1) -> np.ndarray:
        first, *rest = (measure(sums[rows].sum(axis=-2)) for sums in by_group)
        return np.asarray(first - rest[0] if rest else first)

    everything = np.arange(len(by_group[0]))
    value = float(statistic(everything))
    return percentile_interval(value, [everything], statistic, resamples, seed, batch=50)


def _moments(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Moments `(items, 6 * columns)` of tables `(items, columns)`, of which measures need sums."""
    ones = np.ones_like(second)
    return np.concatenate([ones, first, second, first**2, second**2, first * second], axis=1)


def mean_pearson(sums: np.ndarray) -> np.ndarray:
    """Mean over columns of Pearson's r, `(...)` in [-1, 1], from sums `(..., 6 * columns)`.

    The sums are those of the moments n, x, y, xx, yy and xy. Columns that do not vary are left
    out; NaN if none does.
    """
    n, x, y, xx, yy, xy = _columns(sums)
    return _mean(n * xy - x * y, _spread(n, x, xx) * _spread(n, y, yy))


def mean_cosine(sums: np.ndarray) -> np.ndarray:
    """Mean over columns of the cosine, `(...)` in [-1, 1], from sums `(..., 6 * columns)`."""
    _, _, _, xx, yy, xy = _columns(sums)
    return _mean(xy, xx * yy)


def _spread(n: np.ndarray, x: np.ndarray, xx: np.ndarray) -> np.ndarray:
    """Variance of each column `(..., columns)` times n squared; 0 if it is mere rounding error."""
    spread = n * xx - x**2
    return np.where(spread > 1e-12 * n * xx, spread, 0)


def _columns(sums: np.ndarray) -> np.ndarray:
    """Sums `(..., 6 * columns)` as `(6, ..., columns)`."""
    return np.moveaxis(sums.reshape(*sums.shape[:-1], 6, -1), -2, 0)


def _mean(product: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Mean of product / sqrt(spread) `(..., columns)` over the columns whose spread is above 0."""
    varies = spread > 0
    each = np.where(varies, product / np.sqrt(np.where(varies, spread, 1)), 0)
    count = varies.sum(axis=-1)
    return np.asarray(np.where(count, each.sum(axis=-1) / np.maximum(count, 1), np.nan))
