from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from scipy.stats import pearsonr
from sklearn.metrics import mean_squared_error

from earwitness.errors import InputError
from earwitness.models.emotion import Bottleneck, Direct, FeatureTrunk
from earwitness.regression import (
    BEST,
    RatingLearner,
    RatingSchedule,
    RatingTask,
    constant,
    mean_correlation,
    squared_error,
)
from earwitness.songs import Songs
from earwitness.training import UNFINISHED, WEIGHTS
from experiments.midlevel.jobs.schemes import A2E, A2Mid2E, A2Mid2EJoint

NAN = float("nan")


def songs(count: int = 24, seed: int = 0) -> Songs:
    """Four features; both kinds of ratings are linear in them."""
    random = torch.Generator().manual_seed(seed)
    features = torch.randn(count, 4, 1, generator=random)
    midlevel = 0.5 + 0.1 * features[:, :3, 0]
    emotions = midlevel @ torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5]])
    return Songs(list(features), {"midlevel": midlevel, "emotions": emotions}, list(range(count)))


def learner(
    scheme: Callable[..., RatingTask] = A2E, epochs: int = 6, patience: int = 50, lr: float = 0.01
) -> RatingLearner:
    network = Direct if scheme is A2E else Bottleneck
    return RatingLearner(
        frontend=torch.nn.Unflatten(1, (-1, 1)),
        network=partial(network, partial(FeatureTrunk, 4, 5), rows=4),
        scheme=scheme,
        schedule=RatingSchedule(
            batch_size=4,
            epochs=epochs,
            patience=patience,
            optimizer=partial(torch.optim.Adam, lr=lr),
            scheduler=constant,
            checkpoint_every=1,
        ),
        trainer=partial(
            pl.Trainer, accelerator="cpu", deterministic=True, num_sanity_val_steps=0,
            enable_model_summary=False,
        ),
    )  # fmt: skip


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / WEIGHTS, weights_only=True)


def same(first: Path, second: Path) -> bool:
    ours, theirs = weights(first), weights(second)
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_squared_error_is_sklearns_over_what_was_rated() -> None:
    found, rated = torch.rand(6, 2), torch.rand(6, 2)
    known = torch.tensor([True, False, True, True, False, True])
    expected = mean_squared_error(found[known], rated[known])
    rated[~known] = NAN
    assert float(squared_error(found, rated)) == pytest.approx(expected, rel=1e-6)
    assert float(squared_error(found, torch.full((6, 2), NAN))) == 0.0


def test_unrated_songs_have_no_gradient() -> None:
    found = torch.rand(3, 1, requires_grad=True)
    squared_error(found, torch.tensor([[0.5], [NAN], [0.1]])).backward()
    assert found.grad is not None
    assert found.grad.isfinite().all()
    assert found.grad[1] == 0


def test_mean_correlation_is_scipys() -> None:
    """Of the songs rated in each column; 0 where nothing varies."""
    found, rated = torch.rand(9, 2), torch.rand(9, 2)
    rated[3, 0] = NAN
    kept = np.arange(9) != 3
    expected = [pearsonr(found[kept, 0], rated[kept, 0]), pearsonr(found[:, 1], rated[:, 1])]
    assert mean_correlation(found, rated) == pytest.approx(np.mean([r.statistic for r in expected]))
    assert mean_correlation(torch.ones(9, 1), rated[:, 1:]) == 0.0


def test_a_linear_truth_is_learnt(tmp_path: Path) -> None:
    trained = learner(epochs=60).fit(songs(60), songs(20, 1), 0, tmp_path)
    asked = songs(30, 2)
    found = trained.ratings(asked.inputs)["emotions"]
    assert mean_correlation(found, asked.ratings["emotions"]) > 0.8


def test_what_was_trained_is_loaded(tmp_path: Path) -> None:
    """Plain weights; nothing else is left."""
    made = learner()
    trained = made.fit(songs(), songs(8, 1), 0, tmp_path)
    loaded = made.load(songs().sizes, 0, tmp_path)
    inputs = songs(5, 3).inputs
    torch.testing.assert_close(loaded.ratings(inputs), trained.ratings(inputs))
    assert not (tmp_path / BEST).exists()
    assert not (tmp_path / UNFINISHED).exists()


def test_the_same_seed_learns_the_same(tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        learner().fit(songs(), songs(8, 1), seed, tmp_path / name)
    assert same(tmp_path / "a", tmp_path / "b")
    assert not same(tmp_path / "a", tmp_path / "c")


class Watched(A2E):
    """Notes the correlation after every epoch, and the weights then."""

    seen: list[tuple[float, dict[str, torch.Tensor]]]

    def on_validation_epoch_end(self) -> None:
        """Note both."""
        super().on_validation_epoch_end()
        state = {name: value.clone() for name, value in self.network.state_dict().items()}
        type(self).seen.append((float(self.trainer.callback_metrics["validate/r"]), state))


def watched(tmp_path: Path, **settings: Any) -> list[tuple[float, dict[str, torch.Tensor]]]:
    Watched.seen = []
    made = replace(learner(**settings), scheme=Watched)
    made = replace(made, network=partial(Direct, partial(FeatureTrunk, 4, 5), rows=4))
    made.fit(songs(), songs(8, 1), 0, tmp_path)
    return Watched.seen


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    """Not the last; the learning rate is so high that it is not the best."""
    seen = watched(tmp_path, epochs=12, lr=0.3)
    best = max(range(len(seen)), key=lambda epoch: seen[epoch][0])
    assert best < len(seen) - 1
    kept = weights(tmp_path)
    assert all(torch.equal(kept[name], seen[best][1][name]) for name in kept)


def test_training_stops_after_its_patience(tmp_path: Path) -> None:
    """So many epochs after the best one."""
    seen = watched(tmp_path, epochs=60, patience=3, lr=0.3)
    best = max(range(len(seen)), key=lambda epoch: seen[epoch][0])
    assert len(seen) == best + 1 + 3 < 60


class Stops(A2E):
    """Fails at an epoch, as a machine that is switched off."""

    at: int

    def on_train_epoch_start(self) -> None:
        """Fail."""
        super().on_train_epoch_start()
        if self.current_epoch == type(self).at:
            raise KeyboardInterrupt


def test_an_interrupted_training_ends_in_the_same_weights(tmp_path: Path) -> None:
    """From the checkpoint that it left, early stopping's memory included."""
    network = partial(Direct, partial(FeatureTrunk, 4, 5), rows=4)
    whole = replace(learner(epochs=8, patience=4), network=network)
    whole.fit(songs(), songs(8, 1), 0, tmp_path / "whole")
    Stops.at = 3
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        replace(whole, scheme=Stops).fit(songs(), songs(8, 1), 0, tmp_path / "stopped")
    assert (tmp_path / "stopped" / UNFINISHED).is_file()
    whole.fit(songs(), songs(8, 1), 0, tmp_path / "stopped")
    assert same(tmp_path / "whole", tmp_path / "stopped")


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"unfinished\.ckpt: damaged"):
        learner().fit(songs(), songs(8, 1), 0, tmp_path)


def test_too_few_songs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="3 training songs do not fill a batch of 4"):
        learner().fit(songs(3), songs(8, 1), 0, tmp_path)


def test_without_validation_the_last_epoch_is_kept(tmp_path: Path) -> None:
    nothing = songs().at([])
    learner(epochs=2).fit(songs(), nothing, 0, tmp_path / "a")
    learner(epochs=3).fit(songs(), nothing, 0, tmp_path / "b")
    assert not same(tmp_path / "a", tmp_path / "b")


def test_the_black_box_learns_nothing_from_midlevel_ratings(tmp_path: Path) -> None:
    """Not a byte."""
    other = songs()
    other.ratings["midlevel"].mul_(-1)
    learner().fit(songs(), songs(8, 1), 0, tmp_path / "a")
    learner().fit(other, songs(8, 1), 0, tmp_path / "b")
    assert same(tmp_path / "a", tmp_path / "b")


def test_songs_without_ratings_that_a_scheme_learns_from_are_left_out(tmp_path: Path) -> None:
    half = songs()
    half.ratings["emotions"][12:] = NAN
    learner().fit(half, songs(8, 1), 0, tmp_path / "a")
    learner().fit(songs().at(range(12)), songs(8, 1), 0, tmp_path / "b")
    assert same(tmp_path / "a", tmp_path / "b")


def test_joint_loss_is_the_weighted_sum() -> None:
    scheme = partial(A2Mid2EJoint, weights={"midlevel": 2.0, "emotions": 0.5})
    task = learner(scheme).module({"midlevel": 3, "emotions": 2}, 0)
    task.log = lambda *_, **__: None  # type: ignore[method-assign]
    some = songs()
    inputs = torch.stack(list(some.inputs))
    found = task(inputs)
    parts = [squared_error(found[kind], some.ratings[kind]) for kind in ("midlevel", "emotions")]
    loss = task.training_step((inputs, dict(some.ratings)), 0)
    torch.testing.assert_close(loss, 2 * parts[0] + 0.5 * parts[1])


def test_schemes_are_judged_by_what_they_are_for() -> None:
    assert (A2E.judged, A2Mid2E.judged, A2Mid2EJoint.judged) == ("emotions", "midlevel", "emotions")
