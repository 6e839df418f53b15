from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from earwitness.errors import InputError
from earwitness.models.emotion import Direct, FeatureTrunk
from experiments.midlevel.penalty_search import PenaltySearch
from reproduction.training.ratings import RatingLearner, RatingTask, mean_correlation
from reproduction.training.songs import Songs
from tests.reproduction.training.test_ratings import learner, same

pytestmark = pytest.mark.filterwarnings("ignore:Checkpoint directory")

PENALTIES = (1e-6, 0.1, 1000.0)
"""Too little to hold back the noise, about right, and too much to learn anything."""


def noisy(count: int, seed: int) -> Songs:
    """Twenty features, one of which tells a little of the emotion; two songs a group."""
    random = torch.Generator().manual_seed(seed)
    features = torch.randn(count, 20, 1, generator=random)
    emotions = 0.5 + 0.1 * features[:, 0] + 0.15 * torch.randn(count, 1, generator=random)
    midlevel = torch.full((count, 3), float("nan"))
    groups = [str(number // 2) for number in range(count)]
    return Songs(list(features), {"midlevel": midlevel, "emotions": emotions}, groups)


def wide(epochs: int = 30) -> RatingLearner:
    """Far more weights than songs."""
    network = partial(Direct, partial(FeatureTrunk, 20, 16), rows=20)
    made = learner(epochs=epochs, lr=0.02)
    return replace(made, network=network, schedule=replace(made.schedule, batch_size=8))


def penalised(penalty: float) -> RatingLearner:
    """The same with a weight decay, made without the search."""
    solver = partial(torch.optim.Adam, lr=0.02, weight_decay=penalty)
    return replace(wide(), schedule=replace(wide().schedule, optimizer=solver))


def test_the_planted_penalty_is_chosen(tmp_path: Path) -> None:
    """The best on many songs that were never seen; the result is that of training with it."""
    train, unseen, nothing = noisy(60, 0), noisy(400, 1), noisy(60, 0).at([])
    scores = {}
    for penalty in PENALTIES:
        trained = penalised(penalty).fit(train, nothing, 0, tmp_path / str(penalty))
        answers = trained.ratings(unseen.inputs)["emotions"]
        scores[penalty] = mean_correlation(answers, unseen.ratings["emotions"])
    assert scores[0.1] > max(scores[1e-6], scores[1000.0]) + 0.05
    PenaltySearch(wide(), PENALTIES, folds=2).fit(train, nothing, 0, tmp_path / "search")
    assert same(tmp_path / "search", tmp_path / "0.1")
    assert not same(tmp_path / "search", tmp_path / "1e-06")


def test_validation_songs_stop_the_last_training_and_choose_nothing(tmp_path: Path) -> None:
    """The penalty stays, though they are the training songs by heart, where the least wins."""
    train = noisy(60, 0)
    PenaltySearch(wide(), PENALTIES, folds=2).fit(train, train, 0, tmp_path / "search")
    penalised(0.1).fit(train, train, 0, tmp_path / "alone")
    penalised(0.1).fit(train, train.at([]), 0, tmp_path / "unstopped")
    assert same(tmp_path / "search", tmp_path / "alone")
    assert not same(tmp_path / "search", tmp_path / "unstopped")


def test_inner_trainings_leave_nothing(tmp_path: Path) -> None:
    """Not even those that fail."""
    few = noisy(6, 0)
    with pytest.raises(InputError, match="training songs do not fill a batch"):
        PenaltySearch(wide(1), PENALTIES, folds=2).fit(few, few.at([]), 0, tmp_path)
    assert not list(tmp_path.iterdir())
    some = noisy(16, 0)
    PenaltySearch(wide(1), PENALTIES, folds=2).fit(some, some.at([]), 0, tmp_path)
    assert not list(tmp_path.glob("inner-*"))


def test_groups_are_never_on_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inner trainings know whole groups, each group left out once; the last one knows all."""
    known: list[list[str]] = []
    fit = RatingLearner.fit

    def noted(
        self: RatingLearner, train: Songs, validate: Songs, seed: int, folder: Path
    ) -> RatingTask:
        known.append(sorted(train.groups))
        return fit(self, train, validate, seed, folder)

    monkeypatch.setattr(RatingLearner, "fit", noted)
    some = noisy(16, 0)
    PenaltySearch(wide(1), [1e-3], folds=2).fit(some, some.at([]), 0, tmp_path)
    first, second, last = known
    assert sorted(first + second) == last == sorted(some.groups)
    assert not set(first) & set(second)
