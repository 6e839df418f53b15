"""Hooks on layers: temporary ones, and layers whose backward pass follows a rule.

DeepLIFT and layer-wise relevance propagation both keep a layer's forward pass and replace its
gradient by a rule of their own.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.utils.hooks import RemovableHandle

BackwardRule = Callable[[Tensor], Tensor]
"""Values shaped like a layer's outputs -> values shaped like its inputs."""


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One forward call of a layer, kept for the backward pass.

    `inputs` `(batch, ...)` and `outputs` `(batch, ...)` are connected by the layer's own autograd
    graph, so going back through the layer needs no second forward pass.
    """

    inputs: Tensor
    outputs: Tensor

    def backward(self, values: Tensor, retain_graph: bool = False) -> Tensor:
        """Values shaped like `outputs` `(batch, ...)` times the layer's transposed Jacobian.

        Args:
            values: `(batch, ...)`, shaped like `outputs`, in any unit.
            retain_graph: whether the layer's graph is kept for another call.

        Returns:
            `(batch, ...)`, shaped like `inputs`.
        """
        return torch.autograd.grad(self.outputs, self.inputs, values, retain_graph=retain_graph)[0]


def with_backward_rule(call: LayerCall, rule: BackwardRule) -> Tensor:
    """The outputs `(batch, ...)` of a layer call, in their unit, with `rule` as backward pass."""
    outputs: Tensor = RuledLayer.apply(call.inputs, call, rule)
    return outputs


@contextmanager
def temporary_hooks(handles: Iterable[RemovableHandle]) -> Iterator[None]:
    """Keep the hooks that `handles` registers one by one until the block ends, then remove them."""
    registered: list[RemovableHandle] = []
    try:
        registered.extend(handles)
        yield
    finally:
        for handle in registered:
            handle.remove()


class _Context(FunctionCtx):
    """What a layer keeps between its forward and its backward pass."""

    rule: BackwardRule


class RuledLayer(torch.autograd.Function):
    """A layer with its own forward pass and a rule as its backward pass."""

    @staticmethod
    def forward(ctx: _Context, inputs: Tensor, call: LayerCall, rule: BackwardRule) -> Tensor:
        """Return the outputs `(batch, ...)` of the call, detached from the layer's own graph."""
        ctx.rule = rule
        return call.outputs.detach()

    @staticmethod
    def backward(ctx: _Context, values: Tensor) -> tuple[Tensor, None, None]:
        """Values like the outputs `(batch, ...)` -> like the inputs `(batch, ...)`, in one unit."""
        result = ctx.rule(values)
        # The graph outlives this layer's turn; its activations need not.
        del ctx.rule
        return result, None, None
