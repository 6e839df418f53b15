"""What the benchmarks of explainers share: their inputs, and how far two results differ."""

from importlib.metadata import version

import torch
from torch import Tensor

from earwitness.randomness import generator


def peer(name: str) -> str:
    """Return `name version` of an installed package."""
    return f"{name} {version(name)}"


def noise(count: int) -> Tensor:
    """Draw waves of noise `(count, 8000)`, one second at 8 kHz each."""
    return 0.1 * torch.randn(count, 8000, generator=generator(0))


def relative_difference(ours: Tensor, theirs: Tensor) -> float:
    """Return the largest difference of two tensors `(...)` of one shape over the largest value."""
    return float((ours - theirs).abs().max() / theirs.abs().max())
