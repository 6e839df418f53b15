"""Values that stand for "absent": baselines of gradient methods, fills of removed components.

Both families use the same fills and the same noise. Each item's fill depends on that item alone.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.randomness import generator

Fill = str | Tensor
"""What replaces a component that is off: a key of `FILLS`, or a tensor with the values."""

FILLS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "zero": lambda item, seed: torch.zeros_like(item),
    "mean": lambda item, seed: item.mean().expand_as(item),
    "minimum": lambda item, seed: item.min().expand_as(item),
    "noise": lambda item, seed: (
        item.mean() + item.std(correction=0) * standard_noise(item.shape, seed, item)
    ),
}
"""Fills of one item `(...)`, computed from the item and a seed. In a spectrogram in dB, `minimum`
is silence; in a waveform, `zero` is."""

BASELINES = ("zero", "minimum")
"""Fills from which gradient methods may start."""


def replacement(contents: Tensor, fill: Fill, seed: int) -> Tensor:
    """The values that replace `contents` `(items, ...)` where they are off, shaped like them.

    `zero`, `mean`, `minimum` and `noise` (Gaussian, of the same mean and standard deviation) are
    computed for each item by itself, in the unit of `contents`. The noise depends on `seed` and
    the item's index only, so it is the same for all coalitions.

    Raises:
        InputError: an unknown name, or a tensor that is not shaped like `contents`; for a single
            item the first dimension may be left out.
    """
    if isinstance(fill, Tensor):
        return _given_values(fill, contents)
    if fill not in FILLS:
        raise InputError(f"fill={fill}: choose one of {', '.join(FILLS)}, or give a tensor")
    items = (FILLS[fill](item, seed + index) for index, item in enumerate(contents))
    return torch.stack(list(items))


def require_baseline(name: str) -> None:
    """Raise InputError unless `name` is one of `BASELINES`."""
    if name not in BASELINES:
        raise InputError(f"baseline={name}: choose one of {', '.join(BASELINES)}")


def baseline(name: str, inputs: Tensor) -> Tensor:
    """The baseline `name` of `inputs` `(batch, ...)`, of the same shape and unit."""
    return replacement(inputs, name, seed=0)


def value_range(inputs: Tensor) -> Tensor:
    """Largest minus smallest value of each of `(batch, ...)`, in their unit: `(batch, 1, ...)`."""
    items = inputs.flatten(1)
    return (items.amax(1) - items.amin(1)).reshape(len(inputs), *[1] * (inputs.dim() - 1))


def standard_noise(shape: Sequence[int], seed: int, like: Tensor) -> Tensor:
    """Standard normal noise `(...)` of `shape`, with the dtype and device of `like`.

    It is drawn as float32 on the CPU, so it is the same on every device.
    """
    return torch.randn(shape, generator=generator(seed), dtype=torch.float32).to(like)


def _given_values(fill: Tensor, contents: Tensor) -> Tensor:
    """A `fill` tensor in the shape of `contents` `(items, ...)`; InputError if it does not fit."""
    whole = fill if fill.dim() == contents.dim() else fill[None]
    if whole.shape != contents.shape:
        shape = tuple(contents.shape if len(contents) > 1 else contents.shape[1:])
        raise InputError(f"fill is {tuple(fill.shape)}, what it replaces {shape}")
    return whole.to(contents)
