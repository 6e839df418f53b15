import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.metrics.pairwise import cosine_similarity

from earwitness.judge.correlation import correlation_interval, cosine_interval


def tables(
    count: int, rho: float, seed: int, columns: int = 3
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions that correlate with ratings by `rho`."""
    random = np.random.default_rng(seed)
    rated = random.normal(size=(count, columns))
    noise = random.normal(size=(count, columns))
    return pd.DataFrame(rho * rated + np.sqrt(1 - rho**2) * noise), pd.DataFrame(rated)


def each(count: int) -> pd.Series:
    return pd.Series(range(count))


def test_the_value_is_scipys_correlation_averaged() -> None:
    predicted, rated = tables(30, 0.6, 0)
    expected = np.mean([pearsonr(predicted[c], rated[c]).statistic for c in predicted])
    result = correlation_interval(predicted, rated, each(30), resamples=200)
    assert result.value == pytest.approx(expected)
    assert result.low < result.value < result.high
    assert result.n == 30


def test_the_cosine_is_sklearns() -> None:
    """Which, unlike a correlation, minds an offset."""
    predicted, rated = tables(30, 0.6, 0)
    shifted = predicted + 2
    result = cosine_interval(shifted, rated, each(30), resamples=200)
    expected = np.diag(cosine_similarity(shifted.T, rated.T)).mean()
    assert result.value == pytest.approx(expected)
    correlated = [
        correlation_interval(table, rated, each(30), resamples=50).value
        for table in (predicted, shifted)
    ]
    assert correlated[0] == pytest.approx(correlated[1])


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    covered = [
        result.low <= 0.6 <= result.high
        for result in (
            correlation_interval(*tables(80, 0.6, seed, 1), each(80), resamples=200)
            for seed in range(60)
        )
    ]
    assert 0.85 <= np.mean(covered) <= 1.0


def test_a_difference_is_that_of_the_same_items() -> None:
    """Two predictors with the same errors differ by less than two with errors of their own."""
    predicted, rated = tables(60, 0.6, 0)
    alike = predicted + 0.01 * np.random.default_rng(1).normal(size=predicted.shape)
    other = tables(60, 0.6, 0)[1] * 0.6 + 0.8 * np.random.default_rng(2).normal(size=rated.shape)
    near = correlation_interval(predicted, rated, each(60), alike, resamples=300)
    far = correlation_interval(predicted, rated, each(60), other, resamples=300)
    assert near.high - near.low < 0.3 * (far.high - far.low)
    expected = [
        correlation_interval(t, rated, each(60), resamples=50).value for t in (predicted, alike)
    ]
    assert near.value == pytest.approx(expected[0] - expected[1])


def test_groups_are_drawn_whole() -> None:
    """Copies of an item add nothing to what is known."""
    predicted, rated = tables(25, 0.6, 0)
    single = correlation_interval(predicted, rated, each(25), resamples=400)
    copied = [pd.concat([table] * 4, ignore_index=True) for table in (predicted, rated)]
    groups = pd.concat([each(25)] * 4, ignore_index=True)
    together = correlation_interval(*copied, groups, resamples=400)
    apart = correlation_interval(*copied, each(100), resamples=400)
    assert together.n == 25
    assert together.high - together.low == pytest.approx(single.high - single.low, rel=0.02)
    assert apart.high - apart.low < 0.7 * (together.high - together.low)


def test_the_interval_is_that_of_a_bootstrap_written_out() -> None:
    """Groups of one, two or three items are drawn, and their items put together."""
    predicted, rated = tables(40, 0.5, 0, 2)
    groups = pd.Series(np.repeat(range(20), [1, 2, 3, 2] * 5))
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(1500):
        rows = np.concatenate(
            [np.flatnonzero(groups == group) for group in random.integers(20, size=20)]
        )
        both = np.corrcoef(predicted.iloc[rows], rated.iloc[rows], rowvar=False)
        drawn.append(np.diag(both[:2, 2:]).mean())
    result = correlation_interval(predicted, rated, groups, resamples=3000)
    expected = np.diag(np.corrcoef(predicted, rated, rowvar=False)[:2, 2:]).mean()
    assert result.value == pytest.approx(expected)
    assert (result.low, result.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.03)


def test_one_group_has_no_interval() -> None:
    predicted, rated = tables(10, 0.6, 0)
    result = correlation_interval(predicted, rated, pd.Series([0] * 10))
    assert np.isfinite(result.value)
    assert np.isnan([result.low, result.high]).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, 0.7, -3.3])
def test_columns_in_which_nothing_varies_say_nothing(constant: float) -> None:
    """Whatever rounding makes of them."""
    predicted, rated = tables(20, 0.6, 0, 2)
    flat = predicted.assign(**{"1": constant}).drop(columns=1)
    result = correlation_interval(flat, rated, each(20), resamples=50)
    assert result.value == pytest.approx(pearsonr(predicted[0], rated[0]).statistic)
