"""Sums that a `forward` writes between its layers: shortcuts, as in residual networks."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from earwitness.explain.lrp.flows import quotient

Summand = Tensor | float


class Sums(TorchFunctionMode):
    """While active, `a + b` hands relevance on by the epsilon rule.

    R_a = a / (z + epsilon sign z) R with z = a + b, and so for b (Bach et al. 2015, equation 58).
    A summand that does not depend on the input keeps its share as a bias does. In-place sums
    count too; `torch.add` with an `alpha` does not. Shapes broadcast.
    """

    def __init__(self, epsilon: float, kept: list[Tensor]) -> None:
        """`epsilon` is the rule's; `kept` collects what constants keep, `(batch,)` each."""
        super().__init__()
        self.epsilon = epsilon
        self.kept = kept
        self.layers_within = 0

    def spare(self, layer: nn.Module) -> list[RemovableHandle]:
        """Leave alone the sums within `layer`, which its own rule covers."""
        enter = layer.register_forward_pre_hook(self._enter)
        return [enter, layer.register_forward_hook(self._leave)]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call `func`, or what stands for it if it is a sum between layers."""
        between = REPLACED.get(func)
        if between is None or kwargs or self.layers_within or not any(map(_depends, args)):
            return func(*args, **(kwargs or {}))
        return between.apply(*args, self.epsilon, self.kept)

    def _enter(self, *_: object) -> None:
        self.layers_within += 1

    def _leave(self, *_: object) -> None:
        self.layers_within -= 1


class _Context(FunctionCtx):
    """What a sum keeps between its way forward and its way back."""

    summands: tuple[Tensor, Tensor]
    needs_input_grad: tuple[bool, ...]
    epsilon: float
    kept: list[Tensor]


class _Sum(torch.autograd.Function):
    """A sum whose way back is the epsilon rule."""

    @staticmethod
    def forward(
        ctx: _Context, left: Tensor, right: Summand, epsilon: float, kept: list[Tensor]
    ) -> Tensor:
        """Add up."""
        other = right.detach() if isinstance(right, Tensor) else left.new_tensor(right)
        ctx.summands, ctx.epsilon, ctx.kept = (left.detach(), other), epsilon, kept
        return left + right

    @staticmethod
    def backward(ctx: _Context, relevance: Tensor) -> tuple[Tensor | None, ...]:
        """Relevance like the sum -> relevance like each summand that depends on the input."""
        left, right = _shares(ctx, relevance)
        # The graph outlives this sum's turn; its summands need not.
        del ctx.summands
        return left, right, None, None


class _SumInPlace(_Sum):
    """The same, written over its left summand."""

    @staticmethod
    def forward(
        ctx: _Context, left: Tensor, right: Summand, epsilon: float, kept: list[Tensor]
    ) -> Tensor:
        """Add up, in memory of its own: the layer before goes on reading what it had computed."""
        left.data = _Sum.forward(ctx, left, right, epsilon, kept)
        ctx.mark_dirty(left)
        return left


REPLACED: dict[Callable[..., Any], type[_Sum]] = {
    torch.add: _Sum,
    Tensor.add: _Sum,
    Tensor.add_: _SumInPlace,
}
"""What adds -> what takes its place. `+` and `+=` arrive as the methods of Tensor."""


def _depends(summand: object) -> bool:
    """Whether a summand depends on the input, given that no parameter asks for a gradient."""
    return isinstance(summand, Tensor) and summand.requires_grad


def _shares(ctx: _Context, relevance: Tensor) -> Iterator[Tensor | None]:
    """What each summand gets; note what constants keep."""
    left, right = ctx.summands
    per_unit = quotient(relevance, left + right, ctx.epsilon)
    for summand, depends in zip(ctx.summands, ctx.needs_input_grad, strict=False):
        share = summand * per_unit
        if depends:
            yield share.sum_to_size(summand.shape)
        else:
            ctx.kept.append(share.reshape(len(share), -1).sum(1))
            yield None
