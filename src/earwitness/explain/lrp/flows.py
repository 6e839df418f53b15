"""Flows of relevance through parts of inputs and weights, of which most rules consist."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import torch
from torch import Tensor

from earwitness.explain.lrp.layers import Call

Part = Callable[[Tensor], Tensor]
"""The part of a tensor that is used, shaped like the tensor `(...)`."""


@dataclass(frozen=True)
class Flow:
    """One flow of relevance: which parts of inputs and weights it uses, and its factor.

    The denominator is z = sum over `parts` of input(x) * weight(w), plus bias(b). `amount` times
    the relevance of the outputs that `of` selects is distributed in proportion to the summands
    of z.
    """

    parts: tuple[tuple[Part, Part], ...]
    bias: Part
    amount: float = 1.0
    of: Part | None = None

    def scaled(self, amount: float) -> "Flow":
        """The same flow with another factor."""
        return replace(self, amount=amount)

    def __call__(self, call: Call, relevance: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        """Relevance like `call.inputs` `(batch, ...)`, and what the bias keeps `(batch,)`."""
        bias = None if call.bias is None else self.bias(call.bias)
        inputs, outputs = self._denominator(call, bias)
        per_unit = quotient(self._selected(call, relevance), outputs.detach(), epsilon)
        slopes = torch.autograd.grad(outputs, inputs, per_unit)
        shares = [part.detach() * slope for part, slope in zip(inputs, slopes, strict=True)]
        return total(shares), call.kept(bias, per_unit)

    def _selected(self, call: Call, relevance: Tensor) -> Tensor:
        """The relevance `(batch, ...)` of this flow."""
        selected = relevance if self.of is None else relevance * self.of(call.outputs.detach())
        return selected if self.amount == 1 else selected * self.amount

    @torch.enable_grad()
    def _denominator(self, call: Call, bias: Tensor | None) -> tuple[list[Tensor], Tensor]:
        """Parts of the inputs that are not all zero, and the denominator, both `(batch, ...)`."""
        pairs = [(of_inputs(call.inputs.detach()), part) for of_inputs, part in self.parts]
        # After a ReLU no input is negative, so half of the products would be zero.
        pairs = [pair for pair in pairs if pair[0].any()] or pairs[:1]
        inputs = [values.detach().requires_grad_() for values, _ in pairs]
        summands = [
            call.forward(values, part(call.weight), None if index else bias)
            for index, (values, (_, part)) in enumerate(zip(inputs, pairs, strict=True))
        ]
        return inputs, total(summands)


def quotient(relevance: Tensor, denominator: Tensor, epsilon: float) -> Tensor:
    """`relevance` `(...)` over `denominator` `(...)`, moved from zero by `epsilon` in its unit.

    A denominator of zero counts as positive.
    """
    stabilised = denominator.new_tensor(epsilon).copysign(denominator).add_(denominator)
    # For large activations a second buffer would cost as much as the division.
    return torch.div(relevance, stabilised, out=stabilised)


def total(tensors: Sequence[Tensor]) -> Tensor:
    """Sum of tensors of one shape `(...)` and unit, without a copy if there is only one."""
    return reduce(torch.add, tensors)


def whole(values: Tensor) -> Tensor:
    """The values `(...)` unchanged, in their unit."""
    return values


def positive(values: Tensor) -> Tensor:
    """The values `(...)` above zero in their unit, zero elsewhere."""
    return values.clamp(min=0)


def negative(values: Tensor) -> Tensor:
    """The values `(...)` below zero in their unit, zero elsewhere."""
    return values.clamp(max=0)


def above_zero(values: Tensor) -> Tensor:
    """Whether each value is above zero, `(...)`, bool."""
    return values > 0


def below_zero(values: Tensor) -> Tensor:
    """Whether each value is below zero, `(...)`, bool."""
    return values < 0


def opposite(part: Part) -> Part:
    """The negative of a part."""
    return lambda values: -part(values)


def constant(value: float) -> Part:
    """`value` in place of each value."""
    return lambda values: torch.full_like(values, value)


def favouring(part: Part, gamma: float) -> Part:
    """All values plus `gamma` times the part."""
    return lambda values: values + gamma * part(values)


POSITIVE = Flow(parts=((positive, positive), (negative, negative)), bias=positive)
"""The summands of x w + b that are above zero."""

NEGATIVE = Flow(parts=((positive, negative), (negative, positive)), bias=negative)
"""The summands of x w + b that are below zero."""
