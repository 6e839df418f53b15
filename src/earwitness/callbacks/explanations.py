"""Explanations during training: pictures and sound of a few clips in TensorBoard.

Works with every explainer and any network that Lightning trains: with inputs of one or two
dimensions, subclassed, with several outputs, with softmax or sigmoid activation.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger
from pytorch_lightning.utilities import rank_zero_warn
from pytorch_lightning.utilities.seed import isolate_rng
from torch import Tensor
from torch.utils.tensorboard.writer import SummaryWriter

from earwitness.callbacks.modules import ModuleReader, waves_of_batch
from earwitness.callbacks.page import Page
from earwitness.errors import InputError
from earwitness.explain.attribution import frozen
from earwitness.explain.explainers import Explainer
from earwitness.explain.model import AudioModel

VALIDATION, TRAINING = "validation", "training"
ALL_METHODS = "every method"


class ExplanationCallback(pl.Callback):
    """Explains the first validation clips (training clips if there are none) during training.

    After every `every_n_epochs` epochs, writes to TensorBoard under `explanations/`: for each
    method and clip, a picture, the part of the sound that supports the class, and the completeness
    gap if the method has one; for each clip, its sound and the probability of the explained class.

    Training is not affected: weights, modes, gradients, random numbers and checkpoints are the
    same as without. A method that fails on the network is skipped with one warning.

    A module that has a `frontend` and a `network` is explained at the network's inputs, any other
    at its own. Batches are waves `(batch, samples)` or `(batch, 1, samples)`, or a tuple or a
    mapping whose first floating-point entry is.

    Args:
        explainers: name in TensorBoard -> explainer.
        rate: sampling rate of the waves, in Hz.
        classes: the name of each output; left out, they are numbered.
        clips: number of clips to explain, 1 or more.
        every_n_epochs: epochs from one explanation to the next, 1 or more.
        target: name or number of the class to explain; None for the predicted class.
        activation: turns outputs into probabilities, see `AudioModel`.
        output: which of several outputs to explain, see `AudioModel`.

    Raises:
        InputError: `clips` or `every_n_epochs` is below 1.
    """

    def __init__(
        self,
        explainers: Mapping[str, Explainer],
        rate: int,
        classes: Sequence[str] | None = None,
        clips: int = 2,
        every_n_epochs: int = 1,
        target: str | int | None = None,
        activation: str = "softmax",
        output: str | int | None = None,
    ) -> None:
        """Set what is explained; nothing is computed yet."""
        if clips < 1 or every_n_epochs < 1:
            raise InputError(f"clips={clips}, every_n_epochs={every_n_epochs}: choose 1 or more")
        self.explainers = explainers
        self.reader = ModuleReader(rate, classes, activation, output)
        self.clips = clips
        self.every_n_epochs = every_n_epochs
        self.target = target
        self._clips: defaultdict[str, list[Tensor]] = defaultdict(list)
        self._with_sound: set[str] = set()
        self._warned: set[str] = set()

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Clear the clips and warnings of an earlier training."""
        for memory in (self._clips, self._with_sound, self._warned):
            memory.clear()
        if _writer(trainer) is None:
            self._warn_once("logger", "there is no TensorBoardLogger, so nothing is explained")

    def on_validation_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the first clips: reading the loader again might change its order."""
        self._keep(VALIDATION, batch)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Keep the first clips, in case there are no validation clips."""
        self._keep(TRAINING, batch)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Explain after the epoch's validation, in the process of global rank zero."""
        is_due = (trainer.current_epoch + 1) % self.every_n_epochs == 0
        writer = _writer(trainer)
        if writer is None or not is_due or not trainer.is_global_zero:
            return
        source = VALIDATION if self._clips[VALIDATION] else TRAINING
        if self._clips[TRAINING] and source == TRAINING:
            self._warn_once(
                TRAINING, "there is no validation clip, so training clips are explained"
            )
        on_cuda = pl_module.device.type == "cuda"
        with isolate_rng(include_cuda=on_cuda), frozen(pl_module):
            for number, item in enumerate(self._clips[source]):
                page = Page(writer, f"{source}_{number}", trainer.global_step, self.reader.rate)
                with self._warn_on_error(ALL_METHODS):
                    self._explain(pl_module, item, page)

    def _keep(self, source: str, batch: Any) -> None:
        """Copy waves `(clips, ...)` of a batch until there are `self.clips`."""
        missing = self.clips - len(self._clips[source])
        if missing > 0:
            with self._warn_on_error(ALL_METHODS):
                self._clips[source] += waves_of_batch(batch)[:missing].to("cpu", copy=True)

    def _explain(self, module: pl.LightningModule, item: Tensor, page: Page) -> None:
        """Write sound, probability and explanations of one clip `(samples,)` or `(1, samples)`."""
        model = self.reader.model(module, item)
        wave = item.flatten()
        on_device = wave.to(module.device)
        probabilities = _probabilities(model, on_device)
        target = (
            int(probabilities.argmax()) if self.target is None else model.class_index(self.target)
        )
        page.scalar("probability", float(probabilities[target]))
        if page.clip not in self._with_sound:
            page.sound("original", wave)
            self._with_sound.add(page.clip)
        for name, explainer in self.explainers.items():
            with self._warn_on_error(name):
                page.explanation(name, explainer(model, on_device, target), wave)

    @contextmanager
    def _warn_on_error(self, method: str) -> Iterator[None]:
        """Turn any exception into one warning, so that training goes on."""
        try:
            yield
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            self._warn_once(method, f"{method} is left out: {reason}")

    def _warn_once(self, subject: str, message: str) -> None:
        """Warn once per training about each subject."""
        if subject not in self._warned:
            rank_zero_warn(f"explanations while training: {message}")
            self._warned.add(subject)


def _writer(trainer: pl.Trainer) -> SummaryWriter | None:
    """The trainer's TensorBoard writer, if it has one."""
    boards = (logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger))
    return next((logger.experiment for logger in boards), None)


def _probabilities(model: AudioModel, wave: Tensor) -> Tensor:
    """Probabilities `(classes,)` of a wave `(samples,)`."""
    with torch.inference_mode():
        return model.probabilities(model(wave[None]))[0]
