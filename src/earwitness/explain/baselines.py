"""What an input is compared with, and how far noise around it reaches; each item by itself."""

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.randomness import generator

BASELINES = {
    "zero": torch.zeros_like,
    "minimum": lambda inputs: _each(inputs).amin(1).reshape(_column(inputs)).expand_as(inputs),
}
"""`minimum`, each item's smallest value, is silence in a spectrogram in dB; `zero` in a wave."""


def require_baseline(name: str) -> None:
    """Raise InputError unless `name` is one of `BASELINES`."""
    if name not in BASELINES:
        raise InputError(f"baseline={name}: choose one of {', '.join(BASELINES)}")


def baseline(name: str, inputs: Tensor) -> Tensor:
    """The baseline called `name` of inputs `(batch, ...)`, shaped like them."""
    return BASELINES[name](inputs)


def extent(inputs: Tensor) -> Tensor:
    """Largest minus smallest value of each item `(batch, 1, ...)`."""
    return (_each(inputs).amax(1) - _each(inputs).amin(1)).reshape(_column(inputs))


def standard_noise(draws: int, inputs: Tensor, seed: int) -> Tensor:
    """Standard normal noise `(draws, ...)` for an item of `inputs`, the same on any device."""
    drawn = torch.randn(draws, *inputs.shape[1:], generator=generator(seed), dtype=torch.float32)
    return drawn.to(inputs)


def _each(inputs: Tensor) -> Tensor:
    """One row an item."""
    return inputs.flatten(1)


def _column(inputs: Tensor) -> tuple[int, ...]:
    """The shape of one number an item."""
    return (len(inputs), *[1] * (inputs.dim() - 1))
