"""Classifiers: what they are trained for, their Lightning module, and what trains them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path
from typing import ClassVar, Protocol

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics.functional.classification import multiclass_accuracy

from earwitness.models.inference import outputs_in_batches
from earwitness.randomness import generator
from reproduction.training.base import LitTask, run_training
from reproduction.training.batches import FoldData
from reproduction.training.clips import ClipBatches, Clips
from reproduction.training.schedules import Schedule
from reproduction.training.weights import load_weights, save_weights


class Learner(Protocol):
    """What an experiment trains: a network, or a simple classifier that it is compared with."""

    def fit(self, train: Clips, validate: Clips, task: "Task", folder: Path) -> "Classifier":
        """Train on clips and leave in `folder` what takes more than seconds to train again."""


class Classifier(Protocol):
    """What training leaves: class probabilities for waves."""

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


class NetworkTask(LitTask):
    """Front end, network and cross-entropy, optimised as a schedule says.

    Shapes: waves `(batch, samples)` -> logits `(batch, classes)`.
    """

    def __init__(
        self, frontend: nn.Module, network: nn.Module, task: Task, schedule: Schedule
    ) -> None:
        """Join `frontend` and `network`; nothing is trained yet."""
        super().__init__(network, schedule, task.steps, task.seed)
        self.frontend = frontend
        self.classes = task.classes

    def forward(self, waves: Tensor) -> Tensor:
        """Logits `(batch, classes)` of waves `(batch, samples)`."""
        return self.network(self.frontend(waves))

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Cross-entropy `()` of waves `(batch, samples)` and class numbers int64 `(batch,)`."""
        waves, labels = batch
        loss = nn.functional.cross_entropy(self(waves), labels)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log the accuracy on waves `(batch, samples)` with class numbers int64 `(batch,)`."""
        waves, labels = batch
        accuracy = multiclass_accuracy(self(waves), labels, self.classes, average="micro")
        self.log("validate/accuracy", accuracy, batch_size=len(labels))

    def logits(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Logits `(batch, classes)` of any number of waves `(batch, samples)`, on the CPU."""
        self.eval()
        return outputs_in_batches(self, waves, batch_size, self.device).cpu()

    def probabilities(self, waves: Tensor, batch_size: int = 50) -> Tensor:
        """Class probabilities `(batch, classes)` of waves `(batch, samples)`."""
        return self.logits(waves, batch_size).softmax(dim=1)


def clip_data(train: Clips, validate: Clips, task: Task, schedule: Schedule) -> FoldData:
    """Batches of a fold; validation clips, of which there may be none, are placed once.

    Raises:
        InputError: the training clips do not fill a batch.
    """
    once = generator(task.seed, 1)
    clips = train if schedule.redraw_offsets else train.placed(once)
    in_order = ClipBatches(validate.placed(once), schedule.batch_size, (task.seed,), False)
    return FoldData(partial(_shuffled, clips, task, schedule), in_order)


def _shuffled(clips: Clips, task: Task, schedule: Schedule, epoch: int) -> ClipBatches:
    """Training batches of an epoch."""
    seeds = (task.seed, epoch)
    return ClipBatches(clips, schedule.batch_size, seeds, True, schedule.perturbation)


@dataclass(frozen=True)
class NetworkLearner:
    """A network to be trained: what `conf/model/` describes.

    Attributes:
        frontend: waves to network input.
        network: partial that takes the number of classes.
        schedule: solver, batches and augmentation.
        trainer: partial of `pytorch_lightning.Trainer`.
        callbacks: what else to do while training, by name: what `conf/callbacks/` describes.
        task_type: joins front end and network and computes the loss.
    """

    frontend: nn.Module
    network: Callable[..., nn.Module]
    schedule: Schedule
    trainer: Callable[..., pl.Trainer]
    callbacks: Mapping[str, pl.Callback] = field(default_factory=dict)
    task_type: ClassVar[type[NetworkTask]] = NetworkTask

    def fit(self, train: Clips, validate: Clips, task: Task, folder: Path) -> NetworkTask:
        """Train on clips; leave `weights.pt` (a plain state dict) in `folder`.

        An interrupted training continues from the checkpoint it left in `folder`.

        Raises:
            InputError: that checkpoint is damaged, or the clips do not fill a batch.
        """
        module = self.module(task)
        data = clip_data(train, validate, task, self.schedule)
        run_training(
            module,
            data,
            folder,
            self.trainer,
            checkpoint_epochs=ceil(self.schedule.checkpoint_every / data.steps_per_epoch),
            callbacks=self.callbacks.values(),
            max_steps=task.steps,
            gradient_clip_val=self.schedule.clip_norm,
        )
        save_weights(module.network, folder)
        return module

    def module(self, task: Task) -> NetworkTask:
        """The untrained network for `task`, its weights drawn from the task's seed."""
        torch.manual_seed(task.seed)
        network = self.network(classes=task.classes)
        return self.task_type(self.frontend, network, task, self.schedule)

    def load(self, task: Task, folder: Path) -> NetworkTask:
        """The network that `fit` left in `folder`, in evaluation mode.

        Raises:
            InputError: the weights are missing, damaged or of another network.
        """
        module = self.module(task)
        load_weights(module.network, folder)
        return module.eval()
