"""Explanations while training: pictures and sound of a few clips in TensorBoard.

Every explainer can be watched, on any network that Lightning trains: of one or two dimensions,
subclassed, with several outputs, with softmax or sigmoid answers.
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
EVERYTHING = "every method"


class ExplanationCallback(pl.Callback):
    """Explains the first validation clips (training clips if there are none) as training goes on.

    After every `every_n_epochs` epochs, TensorBoard gets under `explanations/`, for each method
    and clip, a picture, what speaks for the class as sound, and the completeness gap if the
    method has one; for each clip, its own sound and the probability of the explained class.

    The training goes on as if nothing had been explained: same weights, modes, gradients, random
    numbers and checkpoints. A method that does not fit the network is left out with one warning.
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
        """Choose what is explained; nothing is computed yet.

        A module that has a `frontend` and a `network` is explained at the network's inputs, any
        other at its own. Batches are waves `(batch, samples)` or `(batch, 1, samples)`, or a
        tuple or a mapping whose first floating-point entry is.

        Args:
            explainers: name in TensorBoard -> method.
            rate: sampling rate of the waves, in Hz.
            classes: the name of each output; left out, they are numbered.
            clips: how many clips are explained.
            every_n_epochs: how often.
            target: name or number of the class to explain; None for the network's answer.
            activation: what makes probabilities of outputs, see `AudioModel`.
            output: which of several outputs to explain, see `AudioModel`.
        """
        if clips < 1 or every_n_epochs < 1:
            raise InputError(f"clips={clips}, every_n_epochs={every_n_epochs}: choose 1 or more")
        self.explainers = explainers
        self.reader = ModuleReader(rate, classes, activation, output)
        self.clips = clips
        self.every_n_epochs = every_n_epochs
        self.target = target
        self._kept: defaultdict[str, list[Tensor]] = defaultdict(list)
        self._sounded: set[str] = set()
        self._said: set[str] = set()

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forget the training before this one."""
        for memory in (self._kept, self._sounded, self._said):
            memory.clear()
        if _writer(trainer) is None:
            self._say("logger", "there is no TensorBoardLogger, so nothing is explained")

    def on_validation_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the first clips; the loader is not read again, which might change its order."""
        self._keep(VALIDATION, batch)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Keep the first clips, in case that there are none to validate with."""
        self._keep(TRAINING, batch)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Explain, after the epoch's validation, in the process of global rank zero."""
        is_due = (trainer.current_epoch + 1) % self.every_n_epochs == 0
        writer = _writer(trainer)
        if writer is None or not is_due or not trainer.is_global_zero:
            return
        source = VALIDATION if self._kept[VALIDATION] else TRAINING
        if self._kept[TRAINING] and source == TRAINING:
            self._say(TRAINING, "there is no validation clip, so training clips are explained")
        on_cuda = pl_module.device.type == "cuda"
        with isolate_rng(include_cuda=on_cuda), frozen(pl_module):
            for number, item in enumerate(self._kept[source]):
                page = Page(writer, f"{source}_{number}", trainer.global_step, self.reader.rate)
                with self._spared(EVERYTHING):
                    self._explain(pl_module, item, page)

    def _keep(self, source: str, batch: Any) -> None:
        """Copy what is still missing of the first clips."""
        missing = self.clips - len(self._kept[source])
        if missing > 0:
            with self._spared(EVERYTHING):
                self._kept[source] += waves_of_batch(batch)[:missing].to("cpu", copy=True)

    def _explain(self, module: pl.LightningModule, item: Tensor, page: Page) -> None:
        """Write all there is to say of one clip."""
        model = self.reader.model(module, item)
        wave = item.flatten()
        given = wave.to(module.device)
        probabilities = _probabilities(model, given)
        target = (
            int(probabilities.argmax()) if self.target is None else model.class_index(self.target)
        )
        page.number("probability", float(probabilities[target]))
        if page.clip not in self._sounded:
            page.sound("original", wave)
            self._sounded.add(page.clip)
        for name, explainer in self.explainers.items():
            with self._spared(name):
                page.explanation(name, explainer(model, given, target), wave)

    @contextmanager
    def _spared(self, method: str) -> Iterator[None]:
        """Go on with the training whatever happens, and say once what did."""
        try:
            yield
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            self._say(method, f"{method} is left out: {reason}")

    def _say(self, subject: str, message: str) -> None:
        """Warn once a training about each subject."""
        if subject not in self._said:
            rank_zero_warn(f"explanations while training: {message}")
            self._said.add(subject)


def _writer(trainer: pl.Trainer) -> SummaryWriter | None:
    """What writes to TensorBoard, if anything does."""
    found = (logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger))
    return next((logger.experiment for logger in found), None)


def _probabilities(model: AudioModel, wave: Tensor) -> Tensor:
    """`(classes,)` of `(samples,)`."""
    with torch.inference_mode():
        return model.probabilities(model(wave[None]))[0]
