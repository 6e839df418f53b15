"""Adapts any Lightning module, and the batches it is trained on, to explainers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel


def waves_of_batch(batch: Any) -> Tensor:
    """The waves `(batch, ...)` of a batch: its first floating-point tensor.

    Args:
        batch: a tensor, or a sequence or mapping of entries.

    Raises:
        InputError: there is no floating-point tensor.
    """
    entries = batch.values() if isinstance(batch, Mapping) else batch
    entries = [batch] if isinstance(batch, Tensor) else list(entries)
    for entry in entries:
        if isinstance(entry, Tensor) and entry.is_floating_point():
            return entry
    raise InputError("batches hold no waves: give a tensor, or a tuple or mapping that has one")


@dataclass(frozen=True)
class ModuleReader:
    """How to interpret the outputs of a module.

    Attributes:
        rate: sampling rate of the waves, in Hz.
        classes: the name of each output; None to number them.
        activation: turns outputs into probabilities, see `AudioModel`.
        output: which of several outputs to explain, see `AudioModel`.
    """

    rate: int
    classes: Sequence[str] | None
    activation: str
    output: str | int | None

    def model(self, module: pl.LightningModule, item: Tensor) -> AudioModel:
        """A module in evaluation mode, as an `AudioModel`.

        Its network is the module's `network` if it has one and a `frontend`, else the module.

        Args:
            module: to explain.
            item: one item of the batches that it is trained on, `(samples,)` or `(1, samples)`.

        Raises:
            InputError: `item` has another shape, the outputs are not `(batch, classes)` or
                `(batch,)`, or the number of class names differs from theirs.
        """
        frontend, network = _parts(module, item)
        with torch.inference_mode():
            outputs = network(frontend(item.flatten()[None].to(module.device)))
        classes = self._names(outputs if self.output is None else outputs[self.output])
        return AudioModel(
            network,
            classes,
            self.rate,
            frontend,
            activation=self.activation,
            output=self.output,
        )

    def _names(self, outputs: Any) -> Sequence[str]:
        """The name of each output, given the outputs for one wave, `(1, classes)` or `(1,)`."""
        if not isinstance(outputs, Tensor) or outputs.dim() > 2:
            kind = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
            raise InputError(
                f"the network returns {kind}: explaining needs (batch, classes); "
                "name one of several outputs by `output`"
            )
        count = outputs.numel()
        names = self.classes or [f"class {number}" for number in range(count)]
        if len(names) != count:
            raise InputError(f"{len(names)} classes are named, the network has {count}")
        return names


def _parts(module: pl.LightningModule, item: Tensor) -> tuple[nn.Module, nn.Module]:
    """Front end and network of a module trained on items `(samples,)` or `(1, samples)`."""
    if item.dim() not in (1, 2) or item.numel() != item.shape[-1]:
        raise InputError(
            f"batches hold items of {tuple(item.shape)}: give waves, (samples,) or (1, samples)"
        )
    children = dict(module.named_children())
    if {"frontend", "network"} <= children.keys():
        return children["frontend"], children["network"]
    return nn.Unflatten(1, (*item.shape[:-1], -1)), module
