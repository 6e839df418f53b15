"""Networks of ratings: their Lightning module, of which each scheme is a subclass, and learner.

A training stops early by the validation songs, and the weights of its best epoch are kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nan
from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from torch import Tensor, nn

from earwitness.models.emotion import RatingNetwork, Ratings
from reproduction.training.base import LitTask, run_training
from reproduction.training.batches import FoldData
from reproduction.training.schedules import RatingSchedule
from reproduction.training.songs import SongBatches, Songs
from reproduction.training.weights import BEST, load_plain, load_weights, save_weights

MONITORED = "validate/r"
"""Name under which the correlation that early stopping monitors is logged."""


class RatingTask(LitTask):
    """A network of ratings and its loss; a subclass is a scheme.

    Attributes:
        weights: kind of rating -> its weight in the loss.
        judged: kind of rating whose correlation early stopping monitors.
    """

    weights: Mapping[str, float]
    judged: str
    network: RatingNetwork

    def __init__(
        self, network: RatingNetwork, schedule: RatingSchedule, steps: int, seed: int
    ) -> None:
        """Train `network` for at most `steps` batches; `seed` is that of dropout."""
        super().__init__(network, schedule, steps, seed)
        self._validated: list[tuple[Tensor, Tensor]] = []

    def forward(self, inputs: Tensor) -> Ratings:
        """Ratings `(batch, ratings)` by kind of inputs `(batch, ..., frames)`."""
        ratings: Ratings = self.network(inputs)
        return ratings

    def conclude(self, songs: Songs) -> None:
        """Fit what the training songs teach after the training; nothing, unless overridden."""

    def training_step(self, batch: tuple[Tensor, Ratings], _: int) -> Tensor:
        """Sum `()`, weighted, of the mean squared errors of each kind of rating.

        `batch`: inputs `(batch, ..., frames)` and ratings `(batch, ratings)` by kind.
        """
        inputs, rated = batch
        predicted = self(inputs)
        losses = [w * squared_error(predicted[k], rated[k]) for k, w in self.weights.items()]
        loss = torch.stack(losses).sum()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: tuple[Tensor, Ratings], _: int) -> None:
        """Keep the ratings `(batch, ratings)` that a network gives inputs `(batch, ..., frames)`.

        The correlation is one over all songs, and no mean over batches.
        """
        inputs, rated = batch
        self._validated.append((self(inputs)[self.judged], rated[self.judged]))

    def on_validation_epoch_end(self) -> None:
        """Log the correlation that early stopping monitors."""
        predicted, rated = (torch.cat(parts) for parts in zip(*self._validated, strict=True))
        self._validated.clear()
        self.log(MONITORED, mean_correlation(predicted, rated))

    def ratings(self, inputs: Sequence[Tensor]) -> Ratings:
        """Ratings `(songs, ratings)` by kind of inputs `(..., frames)` of any length each."""
        self.eval()
        with torch.inference_mode():
            songs = [self(item[None].to(self.device)) for item in inputs]
        return {kind: torch.cat([song[kind] for song in songs]).cpu() for kind in songs[0]}


def squared_error(predicted: Tensor, rated: Tensor) -> Tensor:
    """Mean squared error `()` over the known (finite) ratings `(songs, ratings)`.

    0 if no rating is known; ratings have no unit.
    """
    known = rated.isfinite()
    return torch.where(known, predicted - rated, 0.0).square().sum() / known.sum().clamp(min=1)


def mean_correlation(predicted: Tensor, rated: Tensor) -> float:
    """Pearson's r of each column `(songs, ratings)` over the songs rated in it, averaged.

    0 for a column in which nothing varies.
    """
    correlations = []
    for answers, truth in zip(predicted.T, rated.T, strict=True):
        known = truth.isfinite()
        pair = torch.stack([answers[known], truth[known]]).double()
        r = float(torch.corrcoef(pair)[0, 1]) if known.sum() > 1 else nan
        correlations.append(r if r == r else 0.0)
    return sum(correlations) / len(correlations)


def song_data(train: Songs, validate: Songs, batch_size: int, seed: int) -> FoldData:
    """Batches of a fold; every epoch has a new order and new snippets, `validate` may be empty.

    Raises:
        InputError: the training songs do not fill a batch.
    """
    in_order = SongBatches(validate, batch_size, (seed,), False)
    return FoldData(partial(_shuffled, train, batch_size, seed), in_order)


def _shuffled(songs: Songs, batch_size: int, seed: int, epoch: int) -> SongBatches:
    """Training batches of an epoch."""
    return SongBatches(songs, batch_size, (seed, epoch), True)


@dataclass(frozen=True)
class RatingLearner:
    """A network of ratings to be trained: what `conf/model/` describes.

    Attributes:
        frontend: waves to network inputs.
        network: partial that takes how many mid-level features and emotions there are.
        scheme: partial of a `RatingTask`.
        schedule: solver, batches, early stopping.
        trainer: partial of `pytorch_lightning.Trainer`.
        frames: length of the snippets that are trained on; None for whole songs.
    """

    frontend: nn.Module
    network: Callable[..., RatingNetwork]
    scheme: Callable[..., RatingTask]
    schedule: RatingSchedule
    trainer: Callable[..., pl.Trainer]
    frames: int | None = None

    def inputs(self, waves: Sequence[Tensor]) -> list[Tensor]:
        """Network inputs `(..., frames)` of waves `(samples,)` of any length."""
        with torch.inference_mode():
            return [self.frontend(wave[None])[0] for wave in waves]

    def fit(self, train: Songs, validate: Songs, seed: int, folder: Path) -> RatingTask:
        """Train on songs; leave `weights.pt` (a plain state dict) in `folder`.

        An interrupted training continues from the checkpoint it left in `folder`. Without songs to
        validate on, the last epoch is kept.

        Raises:
            InputError: that checkpoint is damaged, or the songs do not fill a batch.
        """
        kinds = list(self.module(train.sizes, seed).weights)
        known, checked = (
            replace(songs.rated(*kinds), frames=self.frames) for songs in (train, validate)
        )
        module = self.module(train.sizes, seed, len(known))
        module.network.standardised.learn(known.inputs)
        self._run(module, song_data(known, checked, self.schedule.batch_size, seed), folder)
        module.conclude(train)
        save_weights(module.network, folder)
        return module.eval()

    def module(self, sizes: Mapping[str, int], seed: int, songs: int = 0) -> RatingTask:
        """The untrained network for `songs` to train on, its weights drawn from `seed`."""
        torch.manual_seed(seed)
        network = self.network(**sizes)
        steps = self.schedule.epochs * max(1, songs // self.schedule.batch_size)
        return self.scheme(network=network, schedule=self.schedule, steps=steps, seed=seed)

    def load(self, sizes: Mapping[str, int], seed: int, folder: Path) -> RatingTask:
        """The network that `fit` left in `folder`, in evaluation mode.

        Raises:
            InputError: the weights are missing, damaged or of another network.
        """
        module = self.module(sizes, seed)
        load_weights(module.network, folder)
        return module.eval()

    def _run(self, module: RatingTask, data: FoldData, folder: Path) -> None:
        """Train `module`, and give it the weights of its best epoch if songs are validated on."""
        validated = len(data.val_dataloader()) > 0
        run_training(
            module,
            data,
            folder,
            self.trainer,
            checkpoint_epochs=self.schedule.checkpoint_every,
            callbacks=self._early_stopping(folder) if validated else (),
            max_epochs=self.schedule.epochs,
            limit_val_batches=1.0 if validated else 0,
        )
        if validated:
            module.load_state_dict(load_plain(folder / BEST)["state_dict"])

    def _early_stopping(self, folder: Path) -> list[pl.Callback]:
        """Callbacks that stop a training by its validation songs and keep the best epoch."""
        best = ModelCheckpoint(
            folder,
            filename=Path(BEST).stem,
            monitor=MONITORED,
            mode="max",
            save_weights_only=True,
            enable_version_counter=False,
        )
        return [EarlyStopping(MONITORED, mode="max", patience=self.schedule.patience), best]
