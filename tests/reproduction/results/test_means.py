import numpy as np
import pandas as pd
import pytest

from earwitness.judge.bootstrap import mean_interval
from reproduction.results.means import mean_by_speaker, means


def rows() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({
        "model": ["a"] * 20 + ["b"] * 10,
        "k": 3,
        "speaker": [str(n // 2) for n in range(30)],
        "score": random.normal(size=30),
        "share": [np.nan] * 5 + [1.0] * 25,
    })  # fmt: skip


def test_means_have_the_intervals_of_their_speakers() -> None:
    """Each kind by itself, in the order of the rows."""
    found = means(rows(), ["model", "k"], ["score", "share"], seed=1)
    assert found.model.tolist() == ["a", "b"]
    own = rows()[rows().model == "a"]
    expected = mean_interval(own.score, own.speaker, seed=1)
    row = found.iloc[0]
    assert (row.score, row.score_low, row.score_high) == pytest.approx(expected[:3])
    assert (row.score_n, row.share_n) == (20, 15)
    assert row.share == 1


def test_no_rows_are_a_table_with_its_columns() -> None:
    """So that what reads it need not ask."""
    found = means(rows()[:0], ["model"], ["score"], seed=0)
    assert found.empty
    assert list(found) == ["model", "score", "score_low", "score_high", "score_n"]


def test_items_are_counted_once_however_many_rows_they_have() -> None:
    """In the place of the rows of each value; what needs no interval comes last."""
    counted = {"speakers": "speaker", "sizes": "k"}
    found = means(rows(), ["model"], ["score"], 0, counted, plain=["share"])
    assert list(found) == [
        *("model", "speakers", "sizes"),
        *("score", "score_low", "score_high", "share"),
    ]
    assert found.speakers.tolist() == [10, 5]
    assert found.sizes.tolist() == [1, 1]
    assert found.share.tolist() == [1, 1]


def test_speakers_of_the_index_are_resampled() -> None:
    """As if they had been given as a column."""
    own = rows().set_index(["speaker", "model"]).score
    expected = mean_interval(rows().score, rows().speaker, seed=3)
    assert mean_by_speaker(own, 3) == expected
