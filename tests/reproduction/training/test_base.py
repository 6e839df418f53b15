"""What trainings share: they resume exactly, equal a bare loop, and call callbacks."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from earwitness.errors import InputError
from reproduction.training.clips import ClipBatches
from reproduction.training.networks import NetworkTask, Task
from reproduction.training.schedules import Schedule
from reproduction.training.weights import UNFINISHED, WEIGHTS
from tests.reproduction.training.small_network import (
    SCHEDULE,
    TASK,
    TRAIN,
    VALIDATE,
    equal,
    learner,
    tiny,
    trained,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:Checkpoint directory"),
    pytest.mark.filterwarnings("ignore:Total length of `ClipBatches` across ranks is zero"),
]


class PulledPlugError(Exception):
    """Ends a training as a crash would."""


@contextmanager
def crash(
    monkeypatch: pytest.MonkeyPatch, step: int, error: type[BaseException] = PulledPlugError
) -> Iterator[None]:
    """Raise before the training step of this number."""
    intact = NetworkTask.training_step

    def training_step(self: NetworkTask, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        if self.global_step == step:
            raise error
        return intact(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(NetworkTask, "training_step", training_step)
        yield


@pytest.mark.parametrize("step", [5, 7, 12, 20, 23])
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    whole = trained(tmp_path / "whole")
    folder = tmp_path / "resumed"
    with crash(monkeypatch, step), pytest.raises(PulledPlugError):
        trained(folder)
    assert not (folder / WEIGHTS).exists()
    left = torch.load(folder / UNFINISHED, weights_only=True)
    assert left["global_step"] == step // 5 * 5
    assert equal(trained(folder), whole)
    assert not (folder / UNFINISHED).exists()


def test_resuming_goes_on_where_the_checkpoint_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crash(monkeypatch, 17), pytest.raises(PulledPlugError):
        trained(tmp_path)
    with crash(monkeypatch, 14):  # would end it, if it started from the beginning
        trained(tmp_path)


def test_a_training_can_be_interrupted_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in (3, 8, 13, 18):
        with crash(monkeypatch, step), pytest.raises(PulledPlugError):
            trained(tmp_path / "resumed")
    assert equal(trained(tmp_path / "resumed"), trained(tmp_path / "whole"))


def test_a_resumed_training_with_dropped_checkpoints_ends_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse = replace(SCHEDULE, checkpoint_every=6)  # two epochs of five
    with crash(monkeypatch, 17), pytest.raises(PulledPlugError):
        trained(tmp_path / "resumed", schedule=sparse)
    assert torch.load(tmp_path / "resumed" / UNFINISHED, weights_only=True)["global_step"] == 10
    assert equal(trained(tmp_path / "resumed", schedule=sparse), trained(tmp_path / "whole"))


def test_control_c_ends_the_process_and_leaves_no_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = signal.getsignal(signal.SIGINT)
    try:
        with crash(monkeypatch, 12, KeyboardInterrupt), pytest.raises(SystemExit):
            trained(tmp_path / "resumed")
    finally:
        signal.signal(signal.SIGINT, handler)  # Lightning turns it off
    assert not (tmp_path / "resumed" / WEIGHTS).exists()
    assert equal(trained(tmp_path / "resumed"), trained(tmp_path / "whole"))


def test_a_damaged_checkpoint_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crash(monkeypatch, 7), pytest.raises(PulledPlugError):
        trained(tmp_path)
    whole = (tmp_path / UNFINISHED).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not a checkpoint"):
        (tmp_path / UNFINISHED).write_bytes(damaged)
        with pytest.raises(InputError, match=r"^[^\n]*unfinished\.ckpt: damaged; delete it[^\n]*$"):
            trained(tmp_path)
        assert not (tmp_path / WEIGHTS).exists()


def bare_loop(task: Task, schedule: Schedule) -> dict[str, Tensor]:
    """The same training without Lightning, written down step by step."""
    torch.manual_seed(task.seed)
    network = tiny(task.classes).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    scheduler = OneCycleLR(optimizer, max_lr=0.05, total_steps=task.steps, pct_start=0.3)
    step = epoch = 0
    while step < task.steps:
        torch.manual_seed(task.seed + epoch)
        for waves, labels in ClipBatches(TRAIN, 8, (task.seed, epoch), True, schedule.perturbation):
            if step == task.steps:
                break
            optimizer.zero_grad()
            level = torch.quantile(waves, 0.95, dim=1, keepdim=True) + 0.001
            nn.functional.cross_entropy(network((waves / level)[:, None]), labels).backward()
            if schedule.clip_norm is not None:
                nn.utils.clip_grad_norm_(network.parameters(), schedule.clip_norm)
            optimizer.step()
            scheduler.step()
            step += 1
        epoch += 1
    return network.state_dict()


@pytest.mark.parametrize("clip_norm", [0.5, None])
@pytest.mark.parametrize("steps", [3, 24])
def test_a_bare_loop_ends_with_the_same_weights(
    tmp_path: Path, steps: int, clip_norm: float | None
) -> None:
    task, schedule = replace(TASK, steps=steps), replace(SCHEDULE, clip_norm=clip_norm)
    ours, oracle = trained(tmp_path, task, schedule), bare_loop(task, schedule)
    for name, weights in oracle.items():
        torch.testing.assert_close(ours[name], weights, atol=1e-6, rtol=0)


def test_clipping_makes_a_difference(tmp_path: Path) -> None:
    unclipped = bare_loop(TASK, replace(SCHEDULE, clip_norm=None))
    assert not torch.allclose(bare_loop(TASK, SCHEDULE)["0.weight"], unclipped["0.weight"])


class Counting(pl.Callback):
    """Counts epochs."""

    def __init__(self) -> None:
        self.epochs = 0

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.epochs += 1


def test_callbacks_are_called_and_change_nothing(tmp_path: Path) -> None:
    counting = Counting()
    replace(learner(), callbacks={"counting": counting}).fit(TRAIN, VALIDATE, TASK, tmp_path / "1")
    assert counting.epochs == 5
    weights = torch.load(tmp_path / "1" / WEIGHTS, weights_only=True)
    assert equal(weights, trained(tmp_path / "2"))
