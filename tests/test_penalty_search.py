from pathlib import Path

import torch

from earwitness.penalty_search import PenaltySearch
from earwitness.songs import Songs
from tests.test_regression import learner, same


def noisy(count: int, seed: int) -> Songs:
    """Four features, of which none tells anything of the emotions but by chance."""
    random = torch.Generator().manual_seed(seed)
    features = torch.randn(count, 4, 1, generator=random)
    emotions = 0.5 + 0.1 * features[:, 0] + 0.02 * torch.randn(count, 1, generator=random)
    midlevel = torch.full((count, 3), float("nan"))
    groups = [str(number // 2) for number in range(count)]
    return Songs(list(features), {"midlevel": midlevel, "emotions": emotions}, groups)


def test_a_penalty_that_allows_learning_is_chosen(tmp_path: Path) -> None:
    """Against one that holds all weights at zero; the result is that of training with it."""
    search = PenaltySearch(learner(epochs=25), [1000.0, 1e-4], folds=2)
    train, nothing = noisy(24, 0), noisy(24, 0).at([])
    search.fit(train, nothing, 0, tmp_path / "search")
    search._penalised(1e-4).fit(train, nothing, 0, tmp_path / "alone")
    assert same(tmp_path / "search", tmp_path / "alone")


def test_inner_trainings_leave_nothing(tmp_path: Path) -> None:
    search = PenaltySearch(learner(epochs=2), [1e-3, 1e-4], folds=2)
    search.fit(noisy(16, 0), noisy(16, 0).at([]), 0, tmp_path)
    assert not list(tmp_path.glob("inner-*"))


def test_groups_are_never_on_both_sides(tmp_path: Path) -> None:
    """Every inner training is scored on groups that it does not know."""
    seen: list[tuple[set[str], set[str]]] = []

    class Spy(PenaltySearch):
        def _penalised(self, penalty: float):  # type: ignore[no-untyped-def]
            made = super()._penalised(penalty)
            trained_on: set[str] = set()

            class Learner(type(made)):  # type: ignore[misc]
                def fit(self, train, validate, seed, folder):  # type: ignore[no-untyped-def]
                    trained_on.clear()
                    trained_on.update(train.groups)
                    seen.append((set(train.groups), all_groups - set(train.groups)))
                    return super().fit(train, validate, seed, folder)

            return Learner(**vars(made))

    some = noisy(16, 0)
    all_groups = set(some.groups)
    Spy(learner(epochs=1), [1e-3], folds=2).fit(some, some.at([]), 0, tmp_path)
    inner = seen[:-1]
    assert len(inner) == 2
    assert all(known and left for known, left in inner)
    assert inner[0][1] | inner[1][1] == all_groups
    assert seen[-1][0] == all_groups
