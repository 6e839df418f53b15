"""Components of a sound: what explainers switch off."""

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
    """Components that are sounds, mixed by addition.

    Attributes:
        parts: contribution of each where it is on, `(components, samples)`.
        background: the sound with all components off, `(samples,)`.
    """

    parts: Tensor
    background: Tensor

    def __call__(self, masks: Tensor) -> Tensor:
        """Masks `(n, components)`, bool, True is on -> mixed sounds `(n, samples)`."""
        return torch.addmm(self.background, masks.to(self.parts), self.parts)


@dataclass(frozen=True, eq=False)
class Components:
    """The components of one sound.

    Attributes:
        count: number of components.
        axes: of the explanation with their values.
        render: masks `(n, count)`, bool, True is on -> network inputs `(n, ...)`.
        spread: values `(count,)` -> values on `axes`; None where each component is one entry of
            that array in row-major order.
        mixture: the components as sounds, if they are sounds.
    """

    count: int
    axes: tuple[Axis, ...]
    render: Callable[[Tensor], Tensor]
    spread: Callable[[Tensor], Tensor] | None = None
    mixture: Mixture | None = None

    def on_axes(self, values: Tensor) -> Tensor:
        """Values `(count,)` as an array `(len(axis), ...)` with one dimension per axis."""
        if self.spread is not None:
            return self.spread(values)
        return values.reshape([len(axis.values) for axis in self.axes])


class Divider(Protocol):
    """Divides sounds into components: what `conf/components/` configures."""

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)` for a model."""
        ...


def sections(length: int, count: int, name: str) -> Tensor:
    """Index of the section of each step `(length,)`, for `count` sections of equal length.

    Sections differ in length by at most one step. InputError if there are more than steps; it
    calls them `name`.
    """
    if not 1 <= count <= length:
        raise InputError(f"{count} {name}: choose 1 to {length}, as many as there are steps")
    return torch.arange(length) * count // length


def require_wave(wave: Tensor) -> None:
    """Raise InputError unless `wave` is `(samples,)`, not empty and finite."""
    if wave.dim() != 1 or not len(wave):
        raise InputError(f"the wave is {tuple(wave.shape)}: give (samples,), not empty")
    if not torch.isfinite(wave).all():
        raise InputError("the wave holds NaN or infinite values")
