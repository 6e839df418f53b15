"""What every training shares: a Lightning module with its optimiser, and a resumable run."""

import logging
import multiprocessing
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import TensorBoardLogger
from torch import nn

from reproduction.training.batches import FoldData
from reproduction.training.schedules import Solver
from reproduction.training.weights import UNFINISHED, resumable

logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
# All of these are meant: jobs resume in their folder, tiny runs log little, clips are in memory.
EXPECTED = (
    "Checkpoint directory|logging interval|num_workers|no `val_dataloader`|LeafSpec"
    "|across ranks is zero"
)
warnings.filterwarnings("ignore", f".*({EXPECTED}).*")


class LitTask(pl.LightningModule):
    """A network and the solver that trains it; a subclass computes the loss in `training_step`."""

    network: nn.Module

    def __init__(
        self, network: nn.Module, solver: Solver, steps: int, seed: int | None = None
    ) -> None:
        """Prepare to train `network` for at most `steps` batches.

        `seed` is that of dropout; None leaves the global random numbers as they are, for trainings
        that are never resumed.
        """
        super().__init__()
        self.network = network
        self.solver = solver
        self.steps = steps
        self.seed = seed

    def on_train_epoch_start(self) -> None:
        """Seed dropout by the epoch, so that a resumed training equals an uninterrupted one."""
        if self.seed is not None:
            torch.manual_seed(self.seed + self.current_epoch)

    def configure_optimizers(self) -> Any:
        """Optimiser, and a learning rate that changes with every step."""
        optimizer = self.solver.optimizer(self.parameters())
        scheduler = self.solver.scheduler(optimizer, self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


def run_training(
    task: LitTask,
    data: FoldData,
    folder: Path,
    trainer: Callable[..., pl.Trainer],
    checkpoint_epochs: int,
    callbacks: Iterable[pl.Callback] = (),
    **limits: Any,
) -> None:
    """Train `task`; an interrupted training continues from the checkpoint it left in `folder`.

    A checkpoint is kept every `checkpoint_epochs`, at the ends of epochs, where resuming is exact.
    `trainer` is a partial of `pytorch_lightning.Trainer`, and `limits` are further arguments of it.

    Raises:
        InputError: that checkpoint is damaged.
    """
    resumed = resumable(folder / UNFINISHED)
    trainer(
        callbacks=[*callbacks, _checkpoint(folder, checkpoint_epochs)],
        logger=TensorBoardLogger(folder, name="", version="tensorboard"),
        reload_dataloaders_every_n_epochs=1,
        enable_progress_bar=has_own_terminal(),
        **limits,
    ).fit(task, datamodule=data, ckpt_path=resumed, weights_only=True)


def _checkpoint(folder: Path, epochs: int) -> ModelCheckpoint:
    """Keeps the state of the training in `folder` after every so many epochs."""
    return ModelCheckpoint(
        folder,
        filename=Path(UNFINISHED).stem,
        every_n_epochs=epochs,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def has_own_terminal() -> bool:
    """Whether a progress bar can be shown where no other job writes."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None
