"""Methods whose order is known, and some whose order is not."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from earwitness.judge.bootstrap import mean_interval
from earwitness.judge.ranks import OVERALL, mean_differences, means_and_ranks

METHODS = ["good", "fair", "poor"]
SPEAKERS = 12


def table(noise: float, seed: int = 0, models: int = 3) -> pd.DataFrame:
    """Two strata of models; "good" is 1 above "fair" and 2 above "poor", but for the noise."""
    random = np.random.default_rng(seed)
    rows = [
        {
            "model": f"m{model}",
            "stratum": f"s{model % 2}",
            "speaker": str(speaker),
            "clip": str(speaker),
            "method": method,
            "right": 10 * model - place + noise * random.standard_normal(),
            "slow": place + noise * random.standard_normal(),
        }
        for model in range(models)
        for speaker in range(SPEAKERS)
        for place, method in enumerate(METHODS)
    ]
    return pd.DataFrame(rows)


BETTER = {"right": 1, "slow": -1}


def test_a_sure_order_is_found_in_every_draw() -> None:
    """Whichever way a measure goes; levels of models do not matter."""
    _, ranks = means_and_ranks(table(noise=0.01), BETTER, draws=50)
    for part in ranks:
        assert part["right"].tolist() == [1, 2, 3]
        assert part["slow"].tolist() == [1, 2, 3]
        assert part[OVERALL].tolist() == [1, 2, 3]


def test_means_are_of_models() -> None:
    """A model with few clips counts as much as one with many; levels differ by 10."""
    rows = table(noise=0.0)
    fewer = rows[(rows.model != "m0") | (rows.speaker == "3")]
    means, _ = means_and_ranks(fewer, BETTER, draws=20)
    assert means.mean.right.tolist() == pytest.approx([10, 9, 8])
    assert means.low.right.tolist() == pytest.approx([10, 9, 8])


def test_intervals_of_means_are_the_cluster_bootstraps() -> None:
    """Of one model alone, those of `mean_interval`, but for the draws."""
    rows = table(noise=1.0, models=1)
    means, _ = means_and_ranks(rows, BETTER, draws=4000)
    for method in METHODS:
        own = rows[rows.method == method]
        expected = mean_interval(own.right, own.speaker)
        result = [part.right[method] for part in means]
        assert result == pytest.approx(list(expected[:3]), abs=0.05)


def test_methods_that_are_alike_share_ranks() -> None:
    """Pure noise: every interval covers the middle; equal values tie."""
    rows = table(noise=0.0)
    random = np.random.default_rng(1)
    _, ranks = means_and_ranks(rows.assign(right=random.standard_normal(len(rows))), BETTER)
    assert (ranks.low.right <= 2).all()
    assert (ranks.high.right >= 2).all()
    _, ranks = means_and_ranks(rows.assign(right=0.0), BETTER, draws=20)
    assert ranks.mean.right.tolist() == [2, 2, 2]


def test_ranks_are_scipys() -> None:
    """Of means of each model, averaged."""
    rows = table(noise=3.0)
    _, ranks = means_and_ranks(rows, BETTER, draws=20)
    means = rows.groupby(["model", "method"]).right.mean().unstack()[METHODS]
    expected = np.mean([rankdata(-row) for row in means.to_numpy()], axis=0)
    assert ranks.mean.right.tolist() == pytest.approx(list(expected))


def test_a_method_that_is_left_out_does_not_count() -> None:
    """Of two models without "good", "fair" is the first; nowhere known is NaN."""
    rows = table(noise=0.01)
    left_out = (rows.method == "good") & (rows.model != "m0")
    means, ranks = means_and_ranks(rows.assign(right=rows.right.mask(left_out)), BETTER, draws=50)
    assert ranks.mean.right.tolist() == pytest.approx([1, 4 / 3, 7 / 3])
    assert means.mean.right["good"] == pytest.approx(0, abs=0.02)
    nowhere = rows.assign(right=rows.right.mask(rows.method == "good"))
    means, ranks = means_and_ranks(nowhere, BETTER, draws=50)
    assert np.isnan(ranks.mean.right["good"])
    assert np.isnan(means.high.right["good"])
    assert ranks.mean[OVERALL]["good"] == 1


def test_one_speaker_has_no_interval() -> None:
    rows = table(noise=0.1)
    _, ranks = means_and_ranks(rows[rows.speaker == "0"], BETTER, draws=20)
    assert ranks.mean.right.tolist() == [1, 2, 3]
    assert ranks.low.isna().all(axis=None)


def test_the_same_seed_gives_the_same_numbers() -> None:
    rows = table(noise=2.0)
    first, second, other = (means_and_ranks(rows, BETTER, 50, seed)[1].low for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_margins_are_of_pairs() -> None:
    """What all methods of a clip share does not matter; a method is not above itself."""
    rows = table(noise=0.01)
    shared = rows.groupby(["model", "speaker"]).ngroup() * 7.0
    result = mean_differences(rows.assign(right=rows.right + shared), "fair", METHODS, "right")
    assert result.other.tolist() == METHODS
    assert result.value.tolist() == pytest.approx([-1, 0, 1], abs=0.02)
    assert (result.high - result.low < 0.03).all()
    assert (result.n == 2 * SPEAKERS).all()


def test_margins_of_nothing_are_nan() -> None:
    rows = table(noise=0.01)
    result = mean_differences(rows.assign(right=np.nan), "fair", ["good"], "right")
    assert result[["value", "low", "high"]].isna().all(axis=None)
