"""The first family of explanation methods: gradients and relevance, by backpropagation.

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
    """Contributions of a batch's inputs to one output each.

    Attributes:
        values: `(batch, ...)`, shaped like the inputs unless `positions` are given.
        outputs: `(batch, classes)`, of the network, as it returns them (usually logits).
        gap: `(batch,)`, the completeness gap: the output (or its difference to a baseline) minus
            the sum of values, in its unit; None for methods that do not distribute an output.
        positions: for values on a coarser grid `(batch, channels, ...)`: the position of each
            step along each remaining dimension, in (fractional) steps of the input.
    """

    values: Tensor
    outputs: Tensor
    gap: Tensor | None = None
    positions: tuple[Tensor, ...] | None = None


class Attributor(Protocol):
    """A method that explains by a backward pass through a network."""

    @property
    def name(self) -> str:
        """The name of the method in the literature."""
        ...

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        The network's state is restored afterwards. Items do not influence each other.
        """
        ...


def require_batch(inputs: Tensor, target: Tensor) -> None:
    """Raise InputError unless inputs `(batch, ...)` are finite and target is int64 `(batch,)`."""
    if not inputs.is_floating_point() or not torch.isfinite(inputs).all():
        raise InputError("explaining needs floating-point inputs without NaN or infinity")
    if target.dtype != torch.long or target.shape != inputs.shape[:1]:
        raise InputError(
            f"target is {tuple(target.shape)} of {target.dtype}: "
            f"give one int64 class per item, ({len(inputs)},)"
        )


def require_outputs(outputs: Tensor, target: Tensor) -> None:
    """Raise InputError unless outputs are `(batch, classes)` with a class for each `target`."""
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
    """Put a network into evaluation mode without in-place layers and parameter gradients.

    Every flag is restored when the block ends.
    """
    modules, parameters = list(network.modules()), list(network.parameters())
    with (
        _switched_off(modules, "training"),
        _switched_off(modules, "inplace"),
        _switched_off(parameters, "requires_grad"),
    ):
        yield


@contextmanager
def _switched_off(owners: Iterable[object], flag: str) -> Iterator[None]:
    """Set a flag to False on all objects that have it, and restore it afterwards."""
    before = [(owner, getattr(owner, flag)) for owner in owners if hasattr(owner, flag)]
    try:
        for owner, _ in before:
            setattr(owner, flag, False)
        yield
    finally:
        for owner, value in before:
            setattr(owner, flag, value)
