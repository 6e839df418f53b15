import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from earwitness.errors import InputError
from earwitness.randomness import generator
from earwitness.sound.frontends.spectrogram import Waveform
from reproduction.training.clips import ClipBatches, Clips
from reproduction.training.networks import NetworkLearner, NetworkTask, Task, clip_data
from reproduction.training.schedules import Schedule, one_cycle, stepped
from reproduction.training.weights import UNFINISHED, WEIGHTS

pytestmark = [
    pytest.mark.filterwarnings("ignore:Checkpoint directory"),
    pytest.mark.filterwarnings("ignore:Total length of `ClipBatches` across ranks is zero"),
]

LENGTH = 64
TASK = Task(classes=2, steps=24, seed=3)
SCHEDULE = Schedule(
    batch_size=8,
    optimizer=partial(torch.optim.SGD, lr=0.05, momentum=0.9),
    scheduler=partial(one_cycle, warm_up=0.3),
    clip_norm=0.5,
    perturbation=0.1,
    checkpoint_every=1,
)
"""Five batches an epoch on `TRAIN`: 24 steps end within the fifth epoch."""


def tones(count: int, seed: int) -> Clips:
    """Slow waves of class 0 and fast ones of class 1, in a little noise."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    waves = []
    for label in labels.tolist():
        frames = int(torch.randint(40, LENGTH, (), generator=random))
        speed = (0.3, 1.5)[label]
        noise = 0.05 * torch.randn(frames, generator=random)
        waves.append(torch.sin(speed * torch.arange(frames)) + noise)
    return Clips(waves, labels, LENGTH)


TRAIN, VALIDATE = tones(43, seed=0), tones(10, seed=1)


def tiny(classes: int, width: int = 6) -> nn.Module:
    """AudioNet's kinds of layers, few of each."""
    return nn.Sequential(
        nn.Conv1d(1, width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool1d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(width * LENGTH // 2, 8),
        nn.Dropout(0.5),
        nn.Linear(8, classes),
    )


def learner(
    schedule: Schedule = SCHEDULE, network: Callable[..., nn.Module] = tiny
) -> NetworkLearner:
    trainer = partial(
        pl.Trainer,
        accelerator="cpu",
        devices=1,
        deterministic=True,
        log_every_n_steps=1,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    return NetworkLearner(Waveform(), network, schedule, trainer)


def trained(folder: Path, task: Task = TASK, schedule: Schedule = SCHEDULE) -> dict[str, Tensor]:
    """Weights that training leaves."""
    learner(schedule).fit(TRAIN, VALIDATE, task, folder)
    return torch.load(folder / WEIGHTS, weights_only=True)


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return list(first) == list(second) and all(torch.equal(first[k], second[k]) for k in first)


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


def loss(module: NetworkTask, clips: Clips) -> float:
    (waves, labels), *_ = ClipBatches(clips, len(clips), (9,), shuffled=False)
    with torch.inference_mode():
        return nn.functional.cross_entropy(module.eval()(waves), labels).item()


def test_training_tells_separable_classes_apart(tmp_path: Path) -> None:
    task = replace(TASK, steps=200)
    before = learner().module(task)
    after = learner().fit(TRAIN, VALIDATE, task, tmp_path)
    assert loss(after, VALIDATE) < 0.2 * loss(before, VALIDATE)
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    assert (after.probabilities(waves).argmax(dim=1) == VALIDATE.labels).all()


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    first = trained(tmp_path / "1")
    torch.manual_seed(1234)  # what was drawn before does not matter
    assert equal(first, trained(tmp_path / "2"))


def test_another_seed_gives_another_result(tmp_path: Path) -> None:
    first = trained(tmp_path / "1")
    assert not equal(first, trained(tmp_path / "2", replace(TASK, seed=4)))


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
    with crash(monkeypatch, 14):  # would end it, were it begun anew
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


def rates(scheduler: Callable[..., object], steps: int, lr: float = 1.0) -> list[float]:
    """Learning rate of each step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
    built = scheduler(optimizer, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        built.step()
    return found


def test_one_cycle_rises_to_the_rate_and_falls_to_nothing() -> None:
    found = rates(partial(one_cycle, warm_up=0.25), steps=40, lr=0.3)
    top = found.index(max(found))
    assert max(found) == pytest.approx(0.3)
    assert top == 9
    assert found[: top + 1] == sorted(found[: top + 1])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert found[-1] < 1e-4


def test_stepped_multiplies_after_every_so_many_steps() -> None:
    found = rates(partial(stepped, every=3, factor=0.5), steps=8)
    assert found == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_offsets_are_drawn_anew_every_epoch_unless_placed_once() -> None:
    for redrawn in (True, False):
        data = clip_data(TRAIN, VALIDATE, TASK, replace(SCHEDULE, redraw_offsets=redrawn))
        epochs = []
        for epoch in range(2):
            batches = replace(
                data.train_dataloader(), random_seeds=(0, epoch), shuffled=False, perturbation=0.0
            )
            epochs.append(torch.cat([waves for waves, _ in batches]))
        assert torch.equal(*epochs) != redrawn


def test_validation_clips_are_placed_once_and_all_used() -> None:
    data = clip_data(TRAIN, VALIDATE, TASK, SCHEDULE)
    first, again = (list(data.val_dataloader()) for _ in range(2))
    assert torch.cat([labels for _, labels in first]).tolist() == VALIDATE.labels.tolist()
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip(first, again, strict=True))


def test_no_validation_clips_are_needed(tmp_path: Path) -> None:
    empty = Clips([], torch.tensor([], dtype=torch.int64), LENGTH)
    learner().fit(TRAIN, empty, replace(TASK, steps=2), tmp_path)
    assert (tmp_path / WEIGHTS).is_file()


def test_validation_changes_nothing_of_the_training(tmp_path: Path) -> None:
    empty = Clips([], torch.tensor([], dtype=torch.int64), LENGTH)
    learner().fit(TRAIN, empty, TASK, tmp_path / "without")
    without = torch.load(tmp_path / "without" / WEIGHTS, weights_only=True)
    assert equal(without, trained(tmp_path / "with"))


def test_weights_are_plain_and_loaded_as_they_were_left(tmp_path: Path) -> None:
    fitted = learner().fit(TRAIN, VALIDATE, TASK, tmp_path)
    weights = torch.load(tmp_path / WEIGHTS, weights_only=True)
    assert equal(weights, dict(fitted.network.state_dict()))
    loaded = learner().load(TASK, tmp_path)
    assert not loaded.training
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    assert torch.equal(loaded.probabilities(waves), fitted.probabilities(waves))


def test_probabilities_do_not_depend_on_the_batch_size(tmp_path: Path) -> None:
    module = learner().module(TASK)
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    whole = module.probabilities(waves)
    assert not whole.requires_grad
    torch.testing.assert_close(whole.sum(dim=1), torch.ones(len(waves)))
    torch.testing.assert_close(module.probabilities(waves, batch_size=3), whole)


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


class Surprise:
    """Runs code when it is unpickled carelessly."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return Path.touch, (Path("surprise"),)


@pytest.mark.parametrize("damage", ["cut", "empty", "code"])
def test_damaged_weights_are_named_with_their_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / WEIGHTS
    torch.save(Surprise() if damage == "code" else learner().module(TASK).state_dict(), weights)
    kept = {"cut": weights.stat().st_size // 2, "empty": 0, "code": None}[damage]
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: damaged; delete it[^\n]*$"):
        learner().load(TASK, tmp_path)
    assert not Path("surprise").exists()


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


def test_missing_weights_are_named_with_their_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: not there; run the training[^\n]*$"):
        learner().load(TASK, tmp_path)


@pytest.mark.parametrize("other", [partial(tiny, width=4), lambda classes: nn.Linear(3, classes)])
def test_weights_of_another_network_are_refused(
    tmp_path: Path, other: Callable[..., nn.Module]
) -> None:
    torch.save(tiny(2).state_dict(), tmp_path / WEIGHTS)
    with pytest.raises(InputError, match=r"^[^\n]*weights\.pt: weights of another network[^\n]*$"):
        learner(network=other).load(TASK, tmp_path)


def test_clips_that_do_not_fill_a_batch_are_refused(tmp_path: Path) -> None:
    few = Clips(TRAIN.waves[:7], TRAIN.labels[:7], LENGTH)
    with pytest.raises(InputError, match=r"^7 training clips do not fill a batch of 8; lower"):
        learner().fit(few, VALIDATE, TASK, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_learner_can_train_again(tmp_path: Path) -> None:
    same = learner()
    weights = []
    for name in ("1", "2"):
        same.fit(TRAIN, VALIDATE, TASK, tmp_path / name)
        weights.append(torch.load(tmp_path / name / WEIGHTS, weights_only=True))
    assert equal(*weights)
