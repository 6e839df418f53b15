"""The Lightning side of ratings: one task that schemes specialise, and one `fit` for all of them.

What `training.networks` is for classes. A training stops where the validation songs say so, and
the weights of its best epoch are kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from earwitness.errors import InputError
from earwitness.files import atomic
from earwitness.models.emotion import RatingNetwork, Ratings
from reproduction.training.networks import (
    UNFINISHED,
    WEIGHTS,
    alone_at_a_terminal,
    load_plain,
    resumable,
)
from reproduction.training.songs import SongBatches, Songs

BEST = "best.ckpt"
"""Weights of the best epoch, while a training goes on."""
JUDGED = "validate/r"
"""What the correlation that early stopping looks at is logged as."""


@dataclass(frozen=True)
class RatingSchedule:
    """Solver settings.

    `optimizer` waits for the parameters, `scheduler` for the optimiser and the number of steps. A
    training of at most `epochs` ends when the validation songs have not been answered better for
    `patience` of them. A checkpoint is kept every `checkpoint_every` epochs.
    """

    batch_size: int
    epochs: int
    patience: int
    optimizer: Callable[..., torch.optim.Optimizer]
    scheduler: Callable[[torch.optim.Optimizer, int], LRScheduler]
    checkpoint_every: int = 10


def constant(optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """The optimiser's learning rate, however many `steps` there are."""
    return LambdaLR(optimizer, lambda _: 1.0)


class SongData(pl.LightningDataModule):
    """Songs of one fold as Lightning wants them; a new order and new snippets every epoch."""

    def __init__(self, train: Songs, validate: Songs, batch_size: int, seed: int) -> None:
        """`validate` may be empty.

        Raises:
            InputError: the training songs do not fill a batch.
        """
        super().__init__()
        if len(train) < batch_size:
            raise InputError(
                f"{len(train)} training songs do not fill a batch of {batch_size}; "
                "lower schedule.batch_size"
            )
        self.songs = train
        self.validation_songs = validate
        self.batch_size = batch_size
        self.seed = seed

    def train_dataloader(self) -> SongBatches:
        """Batches of the trainer's current epoch."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        return SongBatches(self.songs, self.batch_size, (self.seed, epoch), True)

    def val_dataloader(self) -> SongBatches:
        """All validation songs, in order."""
        return SongBatches(self.validation_songs, self.batch_size, (self.seed,), False)


class RatingTask(pl.LightningModule):
    """A network of ratings and what it learns from; a subclass is a scheme.

    Attributes:
        weights: what is rated -> its weight in the loss.
        judged: what early stopping looks at.
    """

    weights: Mapping[str, float]
    judged: str

    def __init__(
        self, network: RatingNetwork, schedule: RatingSchedule, steps: int, seed: int
    ) -> None:
        """Train `network` for at most `steps` batches; `seed` is that of dropout."""
        super().__init__()
        self.network = network
        self.schedule = schedule
        self.steps = steps
        self.seed = seed
        self._answers: list[tuple[Tensor, Tensor]] = []

    def forward(self, inputs: Tensor) -> Ratings:
        """Ratings of a batch of inputs `(batch, ..., frames)`."""
        found: Ratings = self.network(inputs)
        return found

    def conclude(self, songs: Songs) -> None:
        """What is learnt from the training songs after the training; nothing, unless overridden."""

    def on_train_epoch_start(self) -> None:
        """Seed dropout by the epoch, so that a resumed training equals an uninterrupted one."""
        torch.manual_seed(self.seed + self.current_epoch)

    def training_step(self, batch: tuple[Tensor, Ratings], _: int) -> Tensor:
        """Weighted sum of the mean squared errors of what is rated."""
        inputs, rated = batch
        found = self(inputs)
        losses = [w * squared_error(found[kind], rated[kind]) for kind, w in self.weights.items()]
        loss = torch.stack(losses).sum()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Ratings], _: int) -> None:
        """Gather answers, because a correlation is one of all songs and not a mean over batches."""
        inputs, rated = batch
        self._answers.append((self(inputs)[self.judged], rated[self.judged]))

    def on_validation_epoch_end(self) -> None:
        """Log the correlation that early stopping looks at."""
        found, rated = (torch.cat(parts) for parts in zip(*self._answers, strict=True))
        self._answers.clear()
        self.log(JUDGED, mean_correlation(found, rated))

    def configure_optimizers(self) -> Any:
        """Optimiser, and a learning rate that may change with every step."""
        optimizer = self.schedule.optimizer(self.parameters())
        scheduler = self.schedule.scheduler(optimizer, self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }

    def ratings(self, inputs: Sequence[Tensor]) -> Ratings:
        """Ratings `(songs, ratings)` of inputs, each as long as it is."""
        self.eval()
        with torch.inference_mode():
            found = [self(item[None].to(self.device)) for item in inputs]
        return {kind: torch.cat([answer[kind] for answer in found]).cpu() for kind in found[0]}


def squared_error(found: Tensor, rated: Tensor) -> Tensor:
    """Mean squared error over what was rated; zero where nothing was."""
    known = rated.isfinite()
    return torch.where(known, found - rated, 0.0).square().sum() / known.sum().clamp(min=1)


def mean_correlation(found: Tensor, rated: Tensor) -> float:
    """Pearson's r of each column `(songs, ratings)` over the songs rated in it, averaged.

    0 for a column in which nothing varies.
    """
    correlations = []
    for answers, truth in zip(found.T, rated.T, strict=True):
        known = truth.isfinite()
        pair = torch.stack([answers[known], truth[known]]).double()
        r = float(torch.corrcoef(pair)[0, 1]) if known.sum() > 1 else nan
        correlations.append(r if r == r else 0.0)
    return sum(correlations) / len(correlations)


@dataclass(frozen=True)
class RatingLearner:
    """A network of ratings to be trained: what `conf/model/` describes.

    Attributes:
        frontend: waves to network inputs.
        network: partial that takes how many mid-level features and emotions there are.
        scheme: partial of a `RatingTask`.
        schedule: solver, batches, early stopping.
        trainer: partial of `pytorch_lightning.Trainer`.
        frames: of the snippets that are trained on; None for whole songs.
    """

    frontend: nn.Module
    network: Callable[..., RatingNetwork]
    scheme: Callable[..., RatingTask]
    schedule: RatingSchedule
    trainer: Callable[..., pl.Trainer]
    frames: int | None = None

    def inputs(self, waves: Sequence[Tensor]) -> list[Tensor]:
        """Network inputs of waves `(samples,)` of any length."""
        with torch.inference_mode():
            return [self.frontend(wave[None])[0] for wave in waves]

    def fit(self, train: Songs, validate: Songs, seed: int, folder: Path) -> RatingTask:
        """Train on songs; leave `weights.pt` (a plain state dict) in `folder`.

        An interrupted training goes on from the checkpoint it left in `folder`. Without songs to
        validate on, the last epoch is kept.

        Raises:
            InputError: that checkpoint is damaged, or the songs do not fill a batch.
        """
        sizes, kinds = train.sizes, list(self.module(train.sizes, seed).weights)
        learnt, checked = (
            replace(songs.rated(*kinds), frames=self.frames) for songs in (train, validate)
        )
        module = self.module(sizes, seed, len(learnt))
        module.network.standardised.learn(learnt.inputs)
        data = SongData(learnt, checked, self.schedule.batch_size, seed)
        resumed = resumable(folder / UNFINISHED)
        trainer = self._trainer(folder, len(checked) > 0)
        trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)
        if len(checked):
            module.load_state_dict(load_plain(folder / BEST)["state_dict"])
        module.conclude(train)
        with atomic(folder / WEIGHTS) as temporary:
            torch.save(module.network.state_dict(), temporary)
        for name in (UNFINISHED, BEST):
            (folder / name).unlink(missing_ok=True)
        return module.eval()

    def module(self, sizes: Mapping[str, int], seed: int, songs: int = 0) -> RatingTask:
        """The untrained network for `songs` to train on, its weights drawn from `seed`."""
        torch.manual_seed(seed)
        network = self.network(**sizes)
        steps = self.schedule.epochs * max(1, songs // self.schedule.batch_size)
        return self.scheme(network=network, schedule=self.schedule, steps=steps, seed=seed)

    def load(self, sizes: Mapping[str, int], seed: int, folder: Path) -> RatingTask:
        """The network that `fit` left in `folder`.

        Raises:
            InputError: the weights are missing, damaged or of another network.
        """
        module = self.module(sizes, seed)
        weights = load_plain(folder / WEIGHTS)
        try:
            module.network.load_state_dict(weights)
        except RuntimeError as error:
            raise InputError(
                f"{folder / WEIGHTS}: weights of another network; delete it to train this job anew"
            ) from error
        return module.eval()

    def _trainer(self, folder: Path, validated: bool) -> pl.Trainer:
        """A trainer that checkpoints at the ends of epochs, where resuming is exact."""
        unfinished = ModelCheckpoint(
            folder,
            filename=Path(UNFINISHED).stem,
            every_n_epochs=self.schedule.checkpoint_every,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
        best = ModelCheckpoint(
            folder,
            filename=Path(BEST).stem,
            monitor=JUDGED,
            mode="max",
            save_weights_only=True,
            enable_version_counter=False,
        )
        stop = EarlyStopping(JUDGED, mode="max", patience=self.schedule.patience)
        return self.trainer(
            max_epochs=self.schedule.epochs,
            callbacks=[stop, best, unfinished] if validated else [unfinished],
            logger=TensorBoardLogger(folder, name="", version="tensorboard"),
            reload_dataloaders_every_n_epochs=1,
            limit_val_batches=1.0 if validated else 0,
            enable_progress_bar=alone_at_a_terminal(),
        )
