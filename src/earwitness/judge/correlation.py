"""How alike two tables are, column by column, with an interval over what their rows belong to."""

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
        rated: as `predicted`.
        groups: what each item belongs to, in the order of the rows.
        against: other predictions, whose mean is subtracted; the same items are drawn for both.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        The mean, or the difference of means; the number of groups.
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
    """The same of the cosine between columns, for numbers whose zero means something."""
    return _interval([(first, second)], mean_cosine, groups, resamples, seed)


def _interval(
    pairs: list[tuple[pd.DataFrame, pd.DataFrame]],
    measure: Callable[[np.ndarray], np.ndarray],
    groups: pd.Series,
    resamples: int,
    seed: int,
) -> Interval:
    """`measure` of the first pair, less that of a second if there is one."""
    moments = [_moments(*(table.to_numpy() for table in pair)) for pair in pairs]
    by_group = [pd.DataFrame(m).groupby(groups.to_numpy()).sum().to_numpy() for m in moments]

    def statistic(rows: np.ndarray, axis: int = -1) -> np.ndarray:
        first, *rest = (measure(sums[rows].sum(axis=-2)) for sums in by_group)
        return np.asarray(first - rest[0] if rest else first)

    everything = np.arange(len(by_group[0]))
    value = float(statistic(everything))
    return percentile_interval(value, [everything], statistic, resamples, seed, batch=50)


def _moments(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What both measures need the sums of: six numbers a column, `(items, 6 * columns)`."""
    ones = np.ones_like(second)
    return np.concatenate([ones, first, second, first**2, second**2, first * second], axis=1)


def mean_pearson(sums: np.ndarray) -> np.ndarray:
    """Sums `(..., 6 * columns)` of what `_moments` makes -> mean over columns of Pearson's r."""
    n, x, y, xx, yy, xy = _columns(sums)
    return _mean(n * xy - x * y, _spread(n, x, xx) * _spread(n, y, yy))


def mean_cosine(sums: np.ndarray) -> np.ndarray:
    """The same sums -> mean over columns of the cosine."""
    _, _, _, xx, yy, xy = _columns(sums)
    return _mean(xy, xx * yy)


def _spread(n: np.ndarray, x: np.ndarray, xx: np.ndarray) -> np.ndarray:
    """How much a column varies; 0 for what rounding leaves of a constant."""
    found = n * xx - x**2
    return np.where(found > 1e-12 * n * xx, found, 0)


def _columns(sums: np.ndarray) -> np.ndarray:
    """The six sums apart, `(6, ..., columns)`."""
    return np.moveaxis(sums.reshape(*sums.shape[:-1], 6, -1), -2, 0)


def _mean(product: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Products over roots of spreads, averaged over the columns in which something varies."""
    varies = spread > 0
    each = np.where(varies, product / np.sqrt(np.where(varies, spread, 1)), 0)
    count = varies.sum(axis=-1)
    return np.asarray(np.where(count, each.sum(axis=-1) / np.maximum(count, 1), np.nan))
