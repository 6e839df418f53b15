"""What components are, and what takes the place of one that is off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel
from earwitness.randomness import generator


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


Fill = str | Tensor
"""What takes the place of a component: a key of `FILLS`, or a tensor that holds it."""

FILLS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "zero": lambda item, seed: torch.zeros_like(item),
    "mean": lambda item, seed: item.mean().expand_as(item),
    "minimum": lambda item, seed: item.min().expand_as(item),
    "noise": lambda item, seed: item.mean() + item.std(correction=0) * _noise(item, seed),
}


def replacement(contents: Tensor, fill: Fill, seed: int) -> Tensor:
    """What takes the place of `contents` `(items, ...)` where they are off, shaped like them.

    `zero`, `mean`, `minimum` and `noise` (Gaussian, of the same mean and standard deviation) are
    those of each item by itself. The noise depends on `seed` and nothing else, so that it is the
    same for all coalitions.

    Raises:
        InputError: an unknown name, or a tensor that is not shaped like `contents`; a single
            item's may leave the first dimension out.
    """
    if isinstance(fill, Tensor):
        return _given(fill, contents)
    if fill not in FILLS:
        raise InputError(f"fill={fill}: choose one of {', '.join(FILLS)}, or give a tensor")
    items = (FILLS[fill](item, seed + place) for place, item in enumerate(contents))
    return torch.stack(list(items))


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


def _given(fill: Tensor, contents: Tensor) -> Tensor:
    """A tensor that was given, with the first dimension that it may leave out."""
    whole = fill if fill.dim() == contents.dim() else fill[None]
    if whole.shape != contents.shape:
        shape = tuple(contents.shape if len(contents) > 1 else contents.shape[1:])
        raise InputError(f"fill is {tuple(fill.shape)}, what it replaces {shape}")
    return whole.to(contents)


def _noise(item: Tensor, seed: int) -> Tensor:
    """Standard normal noise shaped like an item, the same on every device."""
    return torch.randn(item.shape, generator=generator(seed)).to(item)
