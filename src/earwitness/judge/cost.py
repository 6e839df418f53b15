"""What an answer costs, counted rather than timed: the same on every machine."""

from collections.abc import Callable
from math import log2
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from earwitness.explain.attribution import frozen


class Cost(NamedTuple):
    """Size of a network, and the multiply-accumulates of one answer.

    Attributes:
        parameters: numbers that are learnt.
        frontend: from a wave to the network's input.
        network: from there to the outputs.
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
        """Multiply-accumulates of learning from a wave once.

        Going back through a layer costs twice what the way there does: once for its input, once
        for its weights.
        """
        return self.frontend + 3 * self.network


def cost(frontend: Callable[[Tensor], Tensor], network: nn.Module, samples: int) -> Cost:
    """Count what `network` does for one wave of `samples`.

    Convolutions, matrix products and real Fourier transforms count; what is done number by number
    does not. A multiply-accumulate is two floating-point operations.

    Args:
        frontend: waves `(batch, samples)` -> network inputs.
        network: those -> outputs.
        samples: length of the wave.
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
    """Operations of real fast Fourier transforms along `dims`: 2.5 n log2 n each, as is usual."""
    points = 1
    for dim in dims:
        points *= shape[dim]
    return round(2.5 * shape.numel() * log2(points))
