from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from earwitness.explain.shapley import Shapley
from earwitness.judge.curves import curves, random_ranking_scores

WORTH = torch.tensor([0.3, -0.2, 0.5, 0.1], dtype=torch.float64)


def additive(masks: Tensor) -> Tensor:
    """A game in which every component brings its worth."""
    return 1.0 + masks.double() @ WORTH


def test_curves_follow_the_ranking() -> None:
    """Deletion from everything, insertion from nothing, the largest value first."""
    result = curves(additive, WORTH)
    assert result.deletion.tolist() == pytest.approx([1.7, 1.2, 0.9, 0.8, 1.0])
    assert result.insertion.tolist() == pytest.approx([1.0, 1.5, 1.8, 1.9, 1.7])
    assert result.drop == pytest.approx(1.7 - np.mean([1.2, 0.9, 0.8, 1.0]))
    assert result.rise == pytest.approx(np.mean([1.0, 1.5, 1.8, 1.9]) - 1.0)


def test_no_ranking_is_followed_further_than_that_of_shapley_values() -> None:
    """By brute force over all of them, in a game without interactions."""
    values = Shapley()(additive, 4).values
    best = curves(additive, values)
    for order in permutations(range(4)):
        other = curves(additive, torch.tensor(order, dtype=torch.float64))
        assert other.drop <= best.drop + 1e-12
        assert other.rise <= best.rise + 1e-12


def test_random_rankings_score_the_mean_over_all() -> None:
    every = [
        curves(additive, torch.tensor(order, dtype=torch.float64))
        for order in permutations(range(4))
    ]
    drop, rise = random_ranking_scores(additive, 4, 600, 0)
    assert drop == pytest.approx(np.mean([one.drop for one in every]), abs=0.02)
    assert rise == pytest.approx(np.mean([one.rise for one in every]), abs=0.02)


def test_the_first_of_equal_values_comes_first() -> None:
    assert curves(additive, torch.zeros(4)).deletion.tolist() == pytest.approx(
        [1.7, 1.4, 1.6, 1.1, 1.0]
    )


def test_random_rankings_are_the_seeds() -> None:
    assert random_ranking_scores(additive, 4, 3, 1) == random_ranking_scores(additive, 4, 3, 1)
    assert random_ranking_scores(additive, 4, 3, 1) != random_ranking_scores(additive, 4, 3, 2)
