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
from torch.optim.lr_scheduler import LRScheduler, StepLR

from earwitness.errors import InputError
from earwitness.models.emotion import Bottleneck, Direct, FeatureTrunk
from experiments.midlevel.jobs.schemes import A2E, A2Mid2E, A2Mid2EJoint
from reproduction.training.ratings import (
    RatingLearner,
    RatingTask,
    mean_correlation,
    squared_error,
)
from reproduction.training.schedules import RatingSchedule, constant
from reproduction.training.songs import SongBatches, Songs
from reproduction.training.weights import BEST, UNFINISHED, WEIGHTS

pytestmark = pytest.mark.filterwarnings("ignore:Checkpoint directory")

NAN = float("nan")


def songs(count: int = 24, seed: int = 0) -> Songs:
    """Four features; both kinds of ratings are linear in them."""
    random = torch.Generator().manual_seed(seed)
    features = torch.randn(count, 4, 1, generator=random)
    midlevel = 0.5 + 0.1 * features[:, :3, 0]
    emotions = midlevel @ torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5]])
    return Songs(list(features), {"midlevel": midlevel, "emotions": emotions}, list(range(count)))


class Dropping(FeatureTrunk):
    """A trunk with dropout, whose draws a resumed training has to repeat."""

    def __init__(self, inputs: int, features: int) -> None:
        super().__init__(inputs, features)
        self.append(torch.nn.Dropout(0.1))


def learner(
    scheme: Callable[..., RatingTask] = A2E, epochs: int = 6, patience: int = 50, lr: float = 0.01
) -> RatingLearner:
    black_box = isinstance(scheme, type) and issubclass(scheme, A2E)
    network = Direct if black_box else Bottleneck
    return RatingLearner(
        frontend=torch.nn.Unflatten(1, (-1, 1)),
        network=partial(network, partial(Dropping, 4, 5), rows=4),
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


def equal(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def same(first: Path, second: Path) -> bool:
    return equal(weights(first), weights(second))


def pair(shape: tuple[int, int], seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=random), torch.rand(shape, generator=random)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_squared_error_is_sklearns_over_what_was_rated(count: int) -> None:
    """However few they are; zero where nothing was rated."""
    predicted, rated = pair((6, 1))
    expected = mean_squared_error(predicted[:count], rated[:count])
    rated[count:] = NAN
    assert float(squared_error(predicted, rated)) == pytest.approx(expected, rel=1e-6)
    assert float(squared_error(predicted, torch.full((6, 1), NAN))) == 0.0


def test_unrated_songs_have_no_gradient() -> None:
    predicted = torch.rand(3, 1, requires_grad=True)
    squared_error(predicted, torch.tensor([[0.5], [NAN], [0.1]])).backward()
    assert predicted.grad is not None
    assert predicted.grad.isfinite().all()
    assert predicted.grad[1] == 0


def test_mean_correlation_is_scipys() -> None:
    """Of the songs rated in each column; 0 where nothing varies."""
    predicted, rated = pair((9, 2))
    rated[3, 0] = NAN
    kept = np.arange(9) != 3
    expected = [
        pearsonr(predicted[rows, column].double(), rated[rows, column].double()).statistic
        for column, rows in enumerate((kept, np.full(9, True)))
    ]
    assert mean_correlation(predicted, rated) == pytest.approx(np.mean(expected), abs=1e-9)
    assert mean_correlation(torch.full((9, 1), 0.7), rated[:, 1:]) == pytest.approx(0, abs=1e-9)


def test_a_linear_truth_is_learnt(tmp_path: Path) -> None:
    trained = learner(epochs=60).fit(songs(60), songs(20, 1), 0, tmp_path)
    tested = songs(30, 2)
    predicted = trained.ratings(tested.inputs)["emotions"]
    assert mean_correlation(predicted, tested.ratings["emotions"]) > 0.8


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


def halved(optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """Half the learning rate after every third of all `steps`."""
    return StepLR(optimizer, steps // 3, 0.5)


def bare_loop(train: Songs, schedule: RatingSchedule, seed: int) -> dict[str, torch.Tensor]:
    """The same training of a black box without Lightning, written down step by step."""
    torch.manual_seed(seed)
    network = Direct(partial(Dropping, 4, 5), **train.sizes, rows=4)
    network.standardised.learn(train.inputs)
    optimizer = schedule.optimizer(network.parameters())
    scheduler = schedule.scheduler(optimizer, len(train) // schedule.batch_size * schedule.epochs)
    for epoch in range(schedule.epochs):
        torch.manual_seed(seed + epoch)
        for inputs, rated in SongBatches(train, schedule.batch_size, (seed, epoch), True):
            optimizer.zero_grad()
            (network(inputs)["emotions"] - rated["emotions"]).square().mean().backward()
            optimizer.step()
            scheduler.step()
    return network.state_dict()


def test_a_training_is_the_bare_loop(tmp_path: Path) -> None:
    """Order, snippets of one frame in four, dropout, steps of the learning rate; the last epoch."""
    some = songs(22)
    long = replace(some, inputs=[item * torch.tensor([1.0, 1.1, 0.9, 1.2]) for item in some.inputs])
    made = learner()
    solver = partial(torch.optim.SGD, lr=0.05)
    schedule = replace(made.schedule, optimizer=solver, scheduler=halved)
    trained = replace(made, schedule=schedule, frames=1).fit(long, long.at([]), 3, tmp_path)
    assert equal(bare_loop(replace(long, frames=1), schedule, 3), weights(tmp_path))
    assert not any(part.training for part in trained.modules())


class Watched(A2E):
    """Keeps the weights of every epoch."""

    seen: list[dict[str, torch.Tensor]]

    def on_validation_epoch_end(self) -> None:
        """Keep them."""
        super().on_validation_epoch_end()
        state = {name: value.clone() for name, value in self.network.state_dict().items()}
        type(self).seen.append(state)


def watched(folder: Path, **settings: Any) -> list[tuple[float, dict[str, torch.Tensor]]]:
    """Scipy's correlation after every epoch, and the weights then."""
    Watched.seen = []
    made, checked = learner(Watched, lr=0.1, **settings), songs(8, 1)
    made.fit(songs(), checked, 0, folder)
    task, epochs = made.module(checked.sizes, 0), []
    for state in Watched.seen:
        task.network.load_state_dict(state)
        answers = task.ratings(checked.inputs)["emotions"].double().numpy()
        columns = zip(answers.T, checked.ratings["emotions"].double().numpy().T, strict=True)
        epochs.append((float(np.mean([pearsonr(*both).statistic for both in columns])), state))
    return epochs


def best(seen: list[tuple[float, dict[str, torch.Tensor]]]) -> int:
    return max(range(len(seen)), key=lambda epoch: seen[epoch][0])


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    """Neither the first nor the last; the learning rate is so high that they differ."""
    seen = watched(tmp_path, epochs=12)
    assert 0 < best(seen) < len(seen) - 1
    assert equal(weights(tmp_path), seen[best(seen)][1])


def test_training_stops_after_its_patience(tmp_path: Path) -> None:
    """So many epochs after the best one, whose weights are kept."""
    seen = watched(tmp_path, epochs=60, patience=3)
    assert len(seen) == best(seen) + 1 + 3 < 60
    assert equal(weights(tmp_path), seen[best(seen)][1])


class PulledPlugError(Exception):
    """A machine that is switched off."""


class Stops(A2E):
    """Fails at the start of an epoch."""

    at: int

    def on_train_epoch_start(self) -> None:
        """Fail."""
        super().on_train_epoch_start()
        if self.current_epoch == type(self).at:
            raise PulledPlugError


def stopped(made: RatingLearner, folder: Path, at: int) -> None:
    Stops.at = at
    with pytest.raises(PulledPlugError):
        replace(made, scheme=Stops).fit(songs(), songs(8, 1), 0, folder)
    assert not (folder / WEIGHTS).exists()


@pytest.mark.parametrize(("every", "at", "kept"), [(1, 2, 2), (1, 5, 5), (3, 5, 3)])
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    tmp_path: Path, every: int, at: int, kept: int
) -> None:
    """Before or after the best epoch, with the memory of early stopping."""
    seen = watched(tmp_path / "watched", epochs=60, patience=3)
    assert 2 <= best(seen) < 5
    made = learner(epochs=60, patience=3, lr=0.1)
    made = replace(made, schedule=replace(made.schedule, checkpoint_every=every))
    stopped(made, tmp_path / "resumed", at)
    left = torch.load(tmp_path / "resumed" / UNFINISHED, weights_only=True)
    assert left["global_step"] == kept * 6
    made.fit(songs(), songs(8, 1), 0, tmp_path / "resumed")
    assert same(tmp_path / "watched", tmp_path / "resumed")


def test_resuming_goes_on_where_the_checkpoint_is(tmp_path: Path) -> None:
    """What would fail in an epoch that is done already does not."""
    made = learner()
    stopped(made, tmp_path, 4)
    Stops.at = 2
    replace(made, scheme=Stops).fit(songs(), songs(8, 1), 0, tmp_path)


@pytest.mark.parametrize("damaged", [b"", b"nothing"])
def test_a_damaged_checkpoint_is_named_with_its_remedy(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / UNFINISHED).write_bytes(damaged)
    with pytest.raises(InputError, match=r"^[^\n]*unfinished\.ckpt: damaged; delete it[^\n]*$"):
        learner().fit(songs(), songs(8, 1), 0, tmp_path)


def test_weights_that_are_damaged_or_of_another_network_are_refused(tmp_path: Path) -> None:
    """One line that names the file and the remedy."""
    learner().fit(songs(), songs(8, 1), 0, tmp_path)
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: weights of another[^\n]*delete it"):
        learner(A2Mid2E).load(songs().sizes, 0, tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: damaged; delete it[^\n]*$"):
        learner().load(songs().sizes, 0, tmp_path)


def test_too_few_songs_are_refused(tmp_path: Path) -> None:
    """Of those that have a rating the scheme learns from."""
    some = songs()
    some.ratings["emotions"][3:] = NAN
    message = r"^3 training songs do not fill a batch of 4; lower schedule\.batch_size$"
    with pytest.raises(InputError, match=message):
        learner().fit(some, songs(8, 1), 0, tmp_path)


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
    task = learner(scheme).module({"midlevel": 3, "emotions": 2}, 0).eval()
    task.log = lambda *_, **__: None  # type: ignore[method-assign]
    some = songs()
    inputs = torch.stack(list(some.inputs))
    predicted = task(inputs)
    parts = [
        squared_error(predicted[kind], some.ratings[kind]) for kind in ("midlevel", "emotions")
    ]
    loss = task.training_step((inputs, dict(some.ratings)), 0)
    torch.testing.assert_close(loss, 2 * parts[0] + 0.5 * parts[1])


def test_schemes_are_judged_by_what_they_are_for() -> None:
    assert (A2E.judged, A2Mid2E.judged, A2Mid2EJoint.judged) == ("emotions", "midlevel", "emotions")
