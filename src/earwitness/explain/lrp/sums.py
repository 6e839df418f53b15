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
    """While active, `a + b` propagates relevance by the epsilon rule.

    R_a = a / (z + epsilon sign z) R with z = a + b, and so for b (Bach et al. 2015, equation 58).
    A summand that does not depend on the input keeps its share as a bias does. In-place sums
    count too; `torch.add` with an `alpha` does not. Shapes broadcast.
    """

    def __init__(self, epsilon: float) -> None:
        """Take the rule's epsilon; `absorbed` collects what constants keep, `(batch,)` each."""
        super().__init__()
        self.epsilon = epsilon
        self.absorbed: list[Tensor] = []
        self.active_layers = 0

    def exempt(self, layer: nn.Module) -> list[RemovableHandle]:
        """Leave the sums within `layer` unchanged, as the layer's own rule covers them."""
        enter = layer.register_forward_pre_hook(self._enter)
        return [enter, layer.register_forward_hook(self._leave)]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call `func`, or its replacement if it is a sum between layers."""
        replacement = REPLACED.get(func)
        if replacement is None or kwargs or self.active_layers or not any(map(_depends, args)):
            return func(*args, **(kwargs or {}))
        return replacement.apply(*args, self.epsilon, self.absorbed)

    def _enter(self, *_: object) -> None:
        self.active_layers += 1

    def _leave(self, *_: object) -> None:
        self.active_layers -= 1


class _Context(FunctionCtx):
    """What a sum keeps between its forward and its backward pass."""

    summands: tuple[Tensor, Tensor]
    needs_input_grad: tuple[bool, ...]
    epsilon: float
    absorbed: list[Tensor]


class _Sum(torch.autograd.Function):
    """A sum whose backward pass is the epsilon rule."""

    @staticmethod
    def forward(
        ctx: _Context, left: Tensor, right: Summand, epsilon: float, absorbed: list[Tensor]
    ) -> Tensor:
        """Add both summands, broadcast to `(batch, ...)`, in their unit."""
        other = right.detach() if isinstance(right, Tensor) else left.new_tensor(right)
        ctx.summands, ctx.epsilon, ctx.absorbed = (left.detach(), other), epsilon, absorbed
        return left + right

    @staticmethod
    def backward(ctx: _Context, relevance: Tensor) -> tuple[Tensor | None, ...]:
        """Relevance of the sum `(batch, ...)` -> of each summand, in units of the logit."""
        left, right = _shares(ctx, relevance)
        # The graph outlives this sum's turn; its summands need not.
        del ctx.summands
        return left, right, None, None


class _SumInPlace(_Sum):
    """The same in place: the result replaces the left summand."""

    @staticmethod
    def forward(
        ctx: _Context, left: Tensor, right: Summand, epsilon: float, absorbed: list[Tensor]
    ) -> Tensor:
        """Add into new memory `(batch, ...)`, in their unit: the layer before needs its outputs."""
        left.data = _Sum.forward(ctx, left, right, epsilon, absorbed)
        ctx.mark_dirty(left)
        return left


REPLACED: dict[Callable[..., Any], type[_Sum]] = {
    torch.add: _Sum,
    Tensor.add: _Sum,
    Tensor.add_: _SumInPlace,
}
"""Additions -> their replacements. `+` and `+=` arrive as the methods of Tensor."""


def _depends(summand: object) -> bool:
    """Whether a summand depends on the input, given that no parameter asks for a gradient."""
    return isinstance(summand, Tensor) and summand.requires_grad


def _shares(ctx: _Context, relevance: Tensor) -> Iterator[Tensor | None]:
    """Relevance of each summand, shaped like it; collect what constants keep, `(batch,)`."""
    left, right = ctx.summands
    per_unit = quotient(relevance, left + right, ctx.epsilon)
    for summand, depends in zip(ctx.summands, ctx.needs_input_grad, strict=False):
        share = summand * per_unit
        if depends:
            yield share.sum_to_size(summand.shape)
        else:
            ctx.absorbed.append(share.reshape(len(share), -1).sum(1))
            yield None
