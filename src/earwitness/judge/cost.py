"""Multiply-accumulates of a network, counted rather than timed: the same on every machine."""

from collections.abc import Callable
from math import log2
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from earwitness.explain.attribution import frozen


class Cost(NamedTuple):
    """Size of a network, and the multiply-accumulates (MACs) of one forward pass.

    Attributes:
        parameters: number of trainable weights.
        frontend: MACs from a wave to the network's input.
        network: MACs from there to the outputs.
    """

    parameters: int
    frontend: int
    network: int

    @property
    def forward(self) -> int:
        """Multiply-accumulates from a wave to the outputs."""
        return self.frontend + self.network

    @property
    def training_step(self) -> int:
        """Multiply-accumulates of one wave in a training step.

        The backward pass of a layer costs twice its forward pass: once for the gradient of its
        input, once for that of its weights.
        """
        return self.frontend + 3 * self.network


def cost(frontend: Callable[[Tensor], Tensor], network: nn.Module, samples: int) -> Cost:
    """Count the multiply-accumulates of `network` for one wave of `samples`.

    Convolutions, matrix products and real Fourier transforms count, element-wise operations do
    not. A multiply-accumulate is two floating-point operations.

    Args:
        frontend: waves `(batch, samples)` -> network inputs.
        network: network inputs -> outputs.
        samples: length of the wave, in samples.
    """
    counter = FlopCounterMode(
        display=False, custom_mapping={torch.ops.aten._fft_r2c: _real_transform}
    )
    with frozen(network), torch.no_grad(), counter:
        inputs = frontend(torch.zeros(1, samples))
        before = counter.get_total_flops()
        network(inputs)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Cost(parameters, before // 2, (counter.get_total_flops() - before) // 2)


def _real_transform(shape: torch.Size, dims: list[int], *_: Any, **__: Any) -> int:
    """Floating-point operations of real FFTs along `dims`, by the usual 2.5 n log2(n) each."""
    points = 1
    for dim in dims:
        points *= shape[dim]
    return round(2.5 * shape.numel() * log2(points))
