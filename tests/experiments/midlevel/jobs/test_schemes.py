from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from experiments.midlevel.jobs.schemes import A2Mid2E
from tests.reproduction.training.test_ratings import NAN, learner, songs, weights


@pytest.mark.parametrize("regress_on", ["ratings", "predictions"])
def test_the_second_step_is_sklearns_regression(tmp_path: Path, regress_on: str) -> None:
    """Of emotions on rated, or on predicted, mid-level features of the training songs."""
    some = songs()
    trained = learner(partial(A2Mid2E, regress_on=regress_on)).fit(some, songs(8, 1), 0, tmp_path)
    known = {
        "ratings": some.ratings["midlevel"],
        "predictions": trained.ratings(some.inputs)["midlevel"],
    }[regress_on]
    fitted = LinearRegression().fit(known, some.ratings["emotions"])
    kept = weights(tmp_path)
    np.testing.assert_allclose(kept["emotions.weight"], fitted.coef_, atol=1e-5)
    np.testing.assert_allclose(kept["emotions.bias"], fitted.intercept_, atol=1e-5)


def test_the_second_step_does_not_touch_the_first(tmp_path: Path) -> None:
    """Other emotions change the last layer alone."""
    other = songs()
    other.ratings["emotions"].mul_(-1)
    for name, some in (("a", songs()), ("b", other)):
        learner(A2Mid2E).fit(some, songs(8, 1), 0, tmp_path / name)
    first, second = weights(tmp_path / "a"), weights(tmp_path / "b")
    changed = {name for name in first if not torch.equal(first[name], second[name])}
    assert changed == {"emotions.weight", "emotions.bias"}


def test_songs_rated_for_emotions_alone_serve_the_second_step(tmp_path: Path) -> None:
    """Where no song has both, predictions link them."""
    some = songs()
    some.ratings["midlevel"][12:] = NAN
    some.ratings["emotions"][:12] = NAN
    made = learner(partial(A2Mid2E, regress_on="predictions"))
    trained = made.fit(some, songs(8, 1), 0, tmp_path)
    rest = some.at(range(12, 24))
    predicted = trained.ratings(rest.inputs)["midlevel"]
    fitted = LinearRegression().fit(predicted, rest.ratings["emotions"])
    np.testing.assert_allclose(weights(tmp_path)["emotions.weight"], fitted.coef_, atol=1e-4)
