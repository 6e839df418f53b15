"""What components are, and what takes the place of one that is off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel


@dataclass(frozen=True, eq=False)
class Mixture:
    """Components that are sounds and add up.

    Attributes:
        parts: what each brings where it is on, `(components, samples)`.
        rest: what is heard where all are off, `(samples,)`.
    """

    parts: Tensor
    rest: Tensor

    def __call__(self, masks: Tensor) -> Tensor:
        """Masks `(n, components)`, bool, True is on -> what is heard `(n, samples)`."""
        return torch.addmm(self.rest, masks.to(self.parts), self.parts)


@dataclass(frozen=True, eq=False)
class Components:
    """The components of one sound.

    Attributes:
        count: how many there are.
        axes: of the explanation that their values make.
        render: masks `(n, count)`, bool, True is on -> network inputs `(n, ...)`.
        spread: values `(count,)` -> values on `axes`; left out where each component is one
            entry of that array, row after row.
        mixture: the components as sounds, where they are.
    """

    count: int
    axes: tuple[Axis, ...]
    render: Callable[[Tensor], Tensor]
    spread: Callable[[Tensor], Tensor] | None = None
    mixture: Mixture | None = None

    def on_axes(self, values: Tensor) -> Tensor:
        """Values `(count,)` as an array on `axes`."""
        if self.spread is not None:
            return self.spread(values)
        return values.reshape([len(axis.values) for axis in self.axes])


class Divider(Protocol):
    """A way to divide sounds into components: what `conf/components/` describes."""

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of `(samples,)` for a model."""
        ...


def sections(length: int, count: int, name: str) -> Tensor:
    """The number `(length,)` of the section that each step of a dimension is in.

    Sections differ in length by one step at most. InputError if there are more than steps.
    """
    if not 1 <= count <= length:
        raise InputError(f"{count} {name}: choose 1 to {length}, as many as there are steps")
    return torch.arange(length) * count // length


def require_wave(wave: Tensor) -> None:
    """Raise InputError unless `wave` is one sound that can be divided."""
    if wave.dim() != 1 or not len(wave):
        raise InputError(f"the wave is {tuple(wave.shape)}: give (samples,), not empty")
    if not torch.isfinite(wave).all():
        raise InputError("the wave holds NaN or infinite values")
