"""The first of two ways to explain: gradients and relevance, one forward and one backward pass.

Every method of this family is an `Attributor`: a frozen dataclass of its settings that is called
with a network and a batch.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from earwitness.errors import InputError


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a batch's inputs contribute to one output each.

    Attributes:
        values: `(batch, ...)`, shaped like the inputs unless `positions` are given.
        outputs: `(batch, classes)`, what the network answered.
        gap: `(batch,)`, what the values leave unexplained of the output (or of its difference
            to a baseline), in its unit; None for methods that do not share an output out.
        positions: for values on a coarser grid `(batch, channels, ...)`: where each step along
            each remaining dimension lies on the input's grid, in (fractional) input steps.
    """

    values: Tensor
    outputs: Tensor
    gap: Tensor | None = None
    positions: tuple[Tensor, ...] | None = None


class Attributor(Protocol):
    """A method that explains by going back through a network."""

    @property
    def name(self) -> str:
        """The field's name for it."""
        ...

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        The network is left as it was found. Items do not influence each other.
        """
        ...


def require_batch(inputs: Tensor, target: Tensor) -> None:
    """Raise InputError unless inputs `(batch, ...)` and target `(batch,)` make a batch."""
    if not inputs.is_floating_point() or not torch.isfinite(inputs).all():
        raise InputError("explaining needs floating-point inputs without NaN or infinity")
    if target.dtype != torch.long or target.shape != inputs.shape[:1]:
        raise InputError(
            f"target is {tuple(target.shape)} of {target.dtype}: "
            f"give one int64 class an item, ({len(inputs)},)"
        )


def require_outputs(outputs: Tensor, target: Tensor) -> None:
    """Raise InputError unless outputs are `(batch, classes)` and `target` is one of them."""
    if outputs.dim() != 2 or len(outputs) != len(target):
        raise InputError(
            f"the network returned {tuple(outputs.shape)}: explaining needs (batch, classes)"
        )
    if not ((target >= 0) & (target < outputs.shape[1])).all():
        raise InputError(f"target must lie in 0..{outputs.shape[1] - 1}, the network's classes")


def require_positive(**settings: float) -> None:
    """Raise InputError unless all of a method's `settings` are above zero."""
    for name, value in settings.items():
        if not value > 0:
            raise InputError(f"{name} = {value}: choose one above zero")


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Evaluation mode, no in-place layers, frozen parameters; all as it was before afterwards."""
    modules, parameters = list(network.modules()), list(network.parameters())
    with (
        _held(modules, "training"),
        _held(modules, "inplace"),
        _held(parameters, "requires_grad"),
    ):
        yield


@contextmanager
def _held(things: Iterable[object], flag: str) -> Iterator[None]:
    """Turn a flag off in all things that have it, and give each its own back afterwards."""
    before = [(thing, getattr(thing, flag)) for thing in things if hasattr(thing, flag)]
    try:
        for thing, _ in before:
            setattr(thing, flag, False)
        yield
    finally:
        for thing, value in before:
            setattr(thing, flag, value)
