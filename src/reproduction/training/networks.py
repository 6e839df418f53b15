"""The Lightning side: one task module, one data module and one `fit` for every network."""

import logging
import multiprocessing
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, StepLR
from torchmetrics.functional.classification import multiclass_accuracy

from earwitness.errors import InputError
from earwitness.files import atomic
from earwitness.randomness import generator
from reproduction.training.clips import Batches, Clips

UNFINISHED = "unfinished.ckpt"
WEIGHTS = "weights.pt"

logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
# All of these are meant: jobs resume in their folder, tiny runs log little, clips are in memory.
EXPECTED = (
    "Checkpoint directory|logging interval|num_workers|no `val_dataloader`|LeafSpec"
    "|across ranks is zero"
)
warnings.filterwarnings("ignore", f".*({EXPECTED}).*")


class Learner(Protocol):
    """What an experiment trains: a network or one of its simple peers."""

    def fit(self, train: Clips, validate: Clips, task: "Task", folder: Path) -> "Classifier":
        """Train on clips and leave in `folder` what cannot be learnt again in seconds."""


class Classifier(Protocol):
    """What training leaves: probabilities for waves."""

    def probabilities(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Waves `(batch, samples)` -> class probabilities `(batch, classes)`."""


@dataclass(frozen=True)
class Task:
    """What to train for.

    Attributes:
        classes: number of classes.
        steps: number of batches to train on.
        seed: of weights, batches, offsets and dropout.
    """

    classes: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Schedule:
    """Solver settings.

    `optimizer` waits for the parameters (a partial of a `torch.optim` class), `scheduler` for
    the optimiser and the number of steps (a partial of a function below). A checkpoint is kept
    every `checkpoint_every` steps, rounded up to whole epochs; `perturbation` is that of
    `reproduction.training.clips.perturbed`, and `fresh_placement` draws new offsets every epoch.
    """

    batch_size: int
    optimizer: Callable[..., torch.optim.Optimizer]
    scheduler: Callable[[torch.optim.Optimizer, int], LRScheduler]
    clip_norm: float | None = None
    fresh_placement: bool = True
    perturbation: float = 0.0
    checkpoint_every: int = 200


def one_cycle(optimizer: torch.optim.Optimizer, steps: int, warm_up: float = 0.25) -> LRScheduler:
    """Raise the learning rate to the optimiser's over a share of the steps, then anneal it."""
    return OneCycleLR(optimizer, optimizer.defaults["lr"], total_steps=steps, pct_start=warm_up)


def stepped(optimizer: torch.optim.Optimizer, steps: int, every: int, factor: float) -> LRScheduler:
    """Multiply the learning rate by `factor` after `every` steps, however many there are."""
    return StepLR(optimizer, every, factor)


class NetworkTask(pl.LightningModule):
    """Front end, network and cross-entropy, optimised as a schedule says.

    Shapes: waves `(batch, samples)` -> logits `(batch, classes)`.
    """

    def __init__(
        self, frontend: nn.Module, network: nn.Module, task: Task, schedule: Schedule
    ) -> None:
        """Join `frontend` and `network`; nothing is trained yet."""
        super().__init__()
        self.frontend = frontend
        self.network = network
        self.task = task
        self.schedule = schedule

    def forward(self, waves: Tensor) -> Tensor:
        """Logits `(batch, classes)` of waves `(batch, samples)`."""
        return self.network(self.frontend(waves))

    def on_train_epoch_start(self) -> None:
        """Seed dropout by the epoch, so that a resumed training equals an uninterrupted one."""
        torch.manual_seed(self.task.seed + self.current_epoch)

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Cross-entropy of a batch: waves `(batch, samples)` and numbers of classes `(batch,)`."""
        waves, labels = batch
        loss = nn.functional.cross_entropy(self(waves), labels)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log accuracy on clips of the validation speakers."""
        waves, labels = batch
        correct = multiclass_accuracy(self(waves), labels, self.task.classes, average="micro")
        self.log("validate/accuracy", correct, batch_size=len(labels))

    def configure_optimizers(self) -> Any:
        """Optimiser, and a learning rate that changes with every step."""
        optimizer = self.schedule.optimizer(self.parameters())
        scheduler = self.schedule.scheduler(optimizer, self.task.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }

    def logits(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Logits `(batch, classes)` of any number of waves `(batch, samples)`, on the CPU."""
        self.eval()
        with torch.inference_mode():
            logits = [self(part.to(self.device)) for part in waves.split(batch_size)]
        return torch.cat(logits).cpu()

    def probabilities(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Class probabilities `(batch, classes)` of waves `(batch, samples)`."""
        return self.logits(waves, batch_size).softmax(dim=1)


class ClipData(pl.LightningDataModule):
    """Clips of one fold as Lightning wants them; a new order and new offsets every epoch."""

    def __init__(self, train: Clips, validate: Clips, task: Task, schedule: Schedule) -> None:
        """`validate` may be empty; its clips are placed once."""
        super().__init__()
        once = generator(task.seed, 1)
        self.clips = train if schedule.fresh_placement else train.placed(once)
        self.validation_clips = validate.placed(once)
        self.schedule = schedule
        self.seed = task.seed

    def train_dataloader(self) -> Batches:
        """Batches of the trainer's current epoch."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        size, perturbation = self.schedule.batch_size, self.schedule.perturbation
        return Batches(self.clips, size, (self.seed, epoch), True, perturbation)

    def val_dataloader(self) -> Batches:
        """All validation clips, in order."""
        return Batches(self.validation_clips, self.schedule.batch_size, (self.seed,), False)


@dataclass(frozen=True)
class NetworkLearner:
    """A network to be trained: what `conf/model/` describes.

    Attributes:
        frontend: waves to network input.
        network: partial that takes the number of classes.
        schedule: solver, batches and augmentation.
        trainer: partial of `pytorch_lightning.Trainer`.
        callbacks: what else to do while training, by name: what `conf/callbacks/` describes.
    """

    frontend: nn.Module
    network: Callable[..., nn.Module]
    schedule: Schedule
    trainer: Callable[..., pl.Trainer]
    callbacks: Mapping[str, pl.Callback] = field(default_factory=dict)

    def fit(self, train: Clips, validate: Clips, task: Task, folder: Path) -> NetworkTask:
        """Train on clips; leave `weights.pt` (a plain state dict) in `folder`.

        An interrupted training goes on from the checkpoint it left in `folder`.

        Raises:
            InputError: that checkpoint is damaged, or the clips do not fill a batch.
        """
        module = self.module(task)
        data = ClipData(train, validate, task, self.schedule)
        resumed = resumable(folder / UNFINISHED)
        trainer = self._trainer(task, _steps_per_epoch(data), folder)
        trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)
        with atomic(folder / WEIGHTS) as temporary:
            torch.save(module.network.state_dict(), temporary)
        (folder / UNFINISHED).unlink(missing_ok=True)
        return module

    def module(self, task: Task) -> NetworkTask:
        """The untrained network for `task`, its weights drawn from the task's seed."""
        torch.manual_seed(task.seed)
        network = self.network(classes=task.classes)
        return NetworkTask(self.frontend, network, task, self.schedule)

    def load(self, task: Task, folder: Path) -> NetworkTask:
        """The network that `fit` left in `folder`.

        Raises:
            InputError: the weights are missing, damaged or of another network.
        """
        module = self.module(task)
        weights = load_plain(folder / WEIGHTS)
        try:
            module.network.load_state_dict(weights)
        except RuntimeError as error:
            raise InputError(
                f"{folder / WEIGHTS}: weights of another network; delete it to train this job anew"
            ) from error
        return module.eval()

    def _trainer(self, task: Task, steps_per_epoch: int, folder: Path) -> pl.Trainer:
        """A trainer that checkpoints at the ends of epochs, where resuming is exact."""
        checkpoint = ModelCheckpoint(
            folder,
            filename=Path(UNFINISHED).stem,
            every_n_epochs=ceil(self.schedule.checkpoint_every / steps_per_epoch),
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
        return self.trainer(
            max_steps=task.steps,
            gradient_clip_val=self.schedule.clip_norm,
            callbacks=[*self.callbacks.values(), checkpoint],
            logger=TensorBoardLogger(folder, name="", version="tensorboard"),
            reload_dataloaders_every_n_epochs=1,
            enable_progress_bar=alone_at_a_terminal(),
        )


def _steps_per_epoch(data: ClipData) -> int:
    """Batches that the training clips fill."""
    steps = len(data.train_dataloader())
    if not steps:
        raise InputError(
            f"{len(data.clips)} training clips do not fill a batch of {data.schedule.batch_size}; "
            "lower schedule.batch_size"
        )
    return steps


def alone_at_a_terminal() -> bool:
    """Whether a progress bar has a place to go that no other job writes to."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None


def resumable(checkpoint: Path) -> Path | None:
    """The checkpoint of an interrupted training, if there is one.

    Raises:
        InputError: it cannot be read.
    """
    if not checkpoint.exists():
        return None
    load_plain(checkpoint)
    return checkpoint


def load_plain(path: Path) -> dict[str, Any]:
    """Read a file of plain tensors and values.

    Raises:
        InputError: it is missing or damaged.
    """
    if not path.is_file():
        raise InputError(f"{path}: not there; run the training stage of this paper first")
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        raise InputError(f"{path}: damaged; delete it and this job is trained again") from error
