import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from earwitness.judge.bootstrap import Interval, mean_interval, ratio_interval

Drawn = tuple[pd.Series, pd.Series]


def clustered(seed: int, groups: int = 40, items: int = 5, between: float = 1.0) -> Drawn:
    """Items of mean 0 and spread 1 within groups whose means spread by `between`."""
    random = np.random.default_rng(seed)
    means = between * random.standard_normal(groups)
    values = means[:, None] + random.standard_normal((groups, items))
    return pd.Series(values.ravel()), pd.Series(np.repeat(np.arange(groups), items))


@given(
    values=st.lists(st.floats(-100, 100), min_size=2, max_size=40),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=30)
def test_the_value_is_the_mean_and_lies_inside(values: list[float], seed: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 5, len(values))
    result = mean_interval(pd.Series(values), pd.Series(groups), resamples=50)
    assert result.value == pytest.approx(np.mean(values), abs=1e-9)
    assert result.n == len(set(groups))
    if result.n > 1:
        assert min(values) - 1e-9 <= result.low <= result.high + 1e-9 <= max(values) + 2e-9


def test_the_interval_of_balanced_groups_is_the_normal_one() -> None:
    values, groups = clustered(0, groups=200)
    means = values.groupby(groups).mean()
    error = norm.ppf(0.975) * means.std(ddof=0) / len(means) ** 0.5
    result = mean_interval(values, groups, resamples=4000)
    assert result.low == pytest.approx(means.mean() - error, abs=0.06 * error)
    assert result.high == pytest.approx(means.mean() + error, abs=0.06 * error)


def test_groups_of_unequal_size_weigh_by_their_items() -> None:
    # Two groups: a draw is one of them twice, or both; percentiles 2.5 and 97.5 are the extremes.
    values = pd.Series([1.0, 1.0, 1.0, 0.0])
    result = mean_interval(values, pd.Series(["a", "a", "a", "b"]))
    assert result == Interval(0.75, 0.0, 1.0, 2)


def test_every_draw_takes_whole_groups() -> None:
    # Each group has the same mean, so no draw of whole groups can differ from it.
    values = pd.Series([0.0, 1.0] * 10)
    result = mean_interval(values, pd.Series(np.repeat(np.arange(10), 2)))
    assert result == Interval(0.5, 0.5, 0.5, 10)


def covered(seed: int) -> tuple[bool, bool]:
    """Whether the true mean 0 is in the interval over groups, and in that over items."""
    values, groups = clustered(seed)
    over_groups = mean_interval(values, groups, resamples=400, seed=seed)
    over_items = mean_interval(values, pd.Series(range(len(values))), resamples=400, seed=seed)
    return over_groups.low <= 0 <= over_groups.high, over_items.low <= 0 <= over_items.high


def test_about_95_percent_of_the_intervals_hold_the_truth() -> None:
    over_groups, over_items = np.mean([covered(seed) for seed in range(300)], axis=0)
    # Four standard errors of 300 draws, and a percent that 40 groups cost the percentile method.
    assert over_groups == pytest.approx(0.94, abs=0.055)
    assert over_items < 0.80


def test_groups_that_differ_widen_the_interval() -> None:
    def width(between: float, by_group: bool) -> float:
        values, groups = clustered(1, between=between)
        result = mean_interval(values, groups if by_group else pd.Series(range(len(values))))
        return result.high - result.low

    assert width(1.0, by_group=True) > 1.5 * width(1.0, by_group=False)
    assert width(0.0, by_group=True) == pytest.approx(width(0.0, by_group=False), rel=0.3)


def test_a_single_group_has_no_interval() -> None:
    result = mean_interval(pd.Series([1.0, 2.0]), pd.Series(["a", "a"]))
    assert result[0] == 1.5
    assert np.isnan([result.low, result.high]).all()
    assert result.n == 1


def test_a_seed_fixes_the_interval() -> None:
    values, groups = clustered(2)
    first, again, other = (mean_interval(values, groups, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert first.value == other.value


def test_order_and_index_do_not_matter() -> None:
    values, groups = clustered(3)
    order = np.random.default_rng(0).permutation(len(values))
    shuffled = mean_interval(values.iloc[order], groups.iloc[order].reset_index(drop=True))
    assert shuffled == pytest.approx(mean_interval(values, groups))


@pytest.mark.parametrize("kind", [bool, int, float])
def test_right_and_wrong_are_counted_whatever_their_type(kind: type) -> None:
    result = mean_interval(pd.Series([1, 0, 1, 1]).astype(kind), pd.Series([0, 0, 1, 1]))
    assert result == Interval(0.75, 0.5, 1.0, 2)


def test_a_ratio_is_of_sums_and_averaged_over_columns() -> None:
    """Long items count for more; the interval holds the value and narrows with more groups."""
    random = np.random.default_rng(3)
    wholes = pd.DataFrame(random.integers(1, 1000, (300, 2)), columns=["x", "y"])
    parts = wholes * [0.8, 0.4] + random.normal(0, 1, (300, 2))
    groups = pd.Series(np.arange(300) // 2)
    result = ratio_interval(parts, wholes, groups)
    assert result.value == pytest.approx((parts.sum() / wholes.sum()).mean())
    assert result.low < result.value < result.high
    assert result.n == 150
    fewer = ratio_interval(parts[:30], wholes[:30], groups[:30])
    assert fewer.high - fewer.low > 2 * (result.high - result.low)


def test_a_mean_is_a_ratio_to_the_number_of_items() -> None:
    """Values that are not known count in neither."""
    values, groups = clustered(4)
    values[7] = np.nan
    ones = values.notna().astype(float).to_frame()
    assert mean_interval(values, groups) == ratio_interval(
        values.fillna(0).to_frame(), ones, groups
    )


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]], ids=["no item", "no value"])
@pytest.mark.filterwarnings("error")
def test_nothing_known_has_no_mean_and_no_interval(values: list[float]) -> None:
    """Without a warning about it."""
    series = pd.Series(values, dtype=float)
    result = mean_interval(series, pd.Series(range(len(values)), dtype=int))
    assert np.isnan([result.value, result.low, result.high]).all()
    assert result.n == len(values)
