"""Do explanations of one sound agree: over bins of time, and about the states of the heart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from torch import Tensor

from earwitness.explain.bins import binned, equal_bins
from earwitness.explain.explanation import Explanation

BIN_S = 0.1
"""Length of the bins of time in which explanations are compared, in s."""


def pairwise_rank_correlations(
    explanations: Mapping[str, Explanation], seconds: float
) -> pd.DataFrame:
    """Spearman's rank correlation of each two explanations, over bins of `BIN_S`.

    Args:
        explanations: of one sound by their name, each with an axis "time".
        seconds: length of the sound.

    Returns:
        One row a pair: first, second, rank_correlation, in [-1, 1]; NaN where one of the two is
        the same in all bins.

    Raises:
        InputError: an explanation has no time axis.
    """
    edges = equal_bins(seconds, BIN_S)
    values = {name: _rankable(binned(each, edges).values) for name, each in explanations.items()}
    matrix = pd.DataFrame(values).corr(method="spearman")
    return _pairs(values, "rank_correlation", lambda *pair: float(matrix.loc[pair]))


def rank_correlation(first: Tensor, second: Tensor) -> float:
    """Spearman's rank correlation of two explanations of the same cells.

    Args:
        first: values `(...)`, in any unit.
        second: shaped like `first`.

    Returns:
        In [-1, 1]; NaN if either is the same everywhere, or there are no cells.
    """
    if any(not each.numel() or (each == each.flatten()[0]).all() for each in (first, second)):
        return float("nan")
    return float(spearmanr(first.flatten(), second.flatten()).statistic)


def same_top_state(values: Mapping[str, Tensor]) -> pd.DataFrame:
    """Whether each two explanations give the same state of the heart the largest value.

    Args:
        values: of each explanation by its name, `(states,)` in the explanation's unit, as
            `judge.states.relevance_per_state` returns them.

    Returns:
        One row a pair: first, second, same_top_state, 1 or 0; NaN where one of the two has no
        value above zero. Of states that tie, the first counts.
    """
    tops = {name: int(each.argmax()) if (each > 0).any() else None for name, each in values.items()}

    def same(first: str, second: str) -> float:
        known = tops[first] is not None and tops[second] is not None
        return float(tops[first] == tops[second]) if known else float("nan")

    return _pairs(tops, "same_top_state", same)


def _rankable(values: Tensor) -> np.ndarray:
    """Values `(bins,)` over their largest magnitude, rounded: those that differ by less tie."""
    return (values / values.abs().max()).round(decimals=5).numpy()


def _pairs(names: Iterable[str], column: str, compare: Callable[[str, str], float]) -> pd.DataFrame:
    """One row for each two names: first, second and the result of comparing them."""
    rows: Iterator[dict[str, object]] = (
        {"first": first, "second": second, column: compare(first, second)}
        for first, second in combinations(names, 2)
    )
    return pd.DataFrame(rows, columns=["first", "second", column])
