"""DeepLIFT: what each input value contributes to the change from a baseline."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution, frozen, require_batch
from earwitness.explain.backward import completeness_gap, gradient, target_outputs
from earwitness.explain.baselines import baseline, require_baseline
from earwitness.explain.lrp.composites import ACTIVATION, AVERAGE, IDENTITY, MAXIMUM, SHAPE
from earwitness.explain.lrp.layers import NORMALISATION, WEIGHTED

ELEMENTWISE = (*ACTIVATION, nn.Sigmoid, nn.LogSigmoid, nn.Softplus, nn.Softsign, nn.Hardtanh)
"""Layers of the rescale rule, beside max pooling."""
LINEAR = (*WEIGHTED, *NORMALISATION, *AVERAGE, *SHAPE, *IDENTITY)
"""Layers whose slope is their derivative, wherever the baseline is."""
LEAK = 1e-3
"""Share of what moved that may stay unexplained: far above rounding, far below a missed layer."""


@dataclass(frozen=True)
class DeepLift:
    """Slopes from a baseline to the input in place of derivatives (Shrikumar et al. 2017).

    The rescale rule (section 3.5.2) on activations and max pooling, each call by itself, so that
    a layer may serve several times. Everything else must be linear; f(x) - f(baseline) minus the
    sum of values, the gap, is checked to be mere rounding. Explain logits rather than
    probabilities (section 3.6).

    Attributes:
        baseline: `zero`, or `minimum`, each item's smallest value: silence in a spectrogram in dB.
    """

    baseline: str = "zero"
    name: ClassVar[str] = "DeepLIFT"

    def __post_init__(self) -> None:
        """Refuse a baseline that there is not."""
        require_baseline(self.baseline)

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together, or a layer is neither
                linear nor has a rule.
        """
        require_batch(inputs, target)
        start = baseline(self.baseline, inputs)
        with frozen(network), _rescaled(network):
            slopes, outputs = gradient(network, torch.cat([inputs, start]), target.repeat(2))
        values = slopes.chunk(2)[0] * (inputs - start)
        reached, left = target_outputs(outputs, target.repeat(2)).chunk(2)
        found = completeness_gap(reached - left, values)
        moved = reached.abs() + left.abs() + values.abs().flatten(1).sum(1)
        if (found.abs() > LEAK * moved).any():
            raise InputError(
                f"DeepLIFT does not add up: {_suspects(network)}; "
                "use layers such as nn.ReLU, explain logits, or choose integrated gradients"
            )
        return Attribution(values, outputs.chunk(2)[0], found)


class _Call(NamedTuple):
    """One call of a layer with inputs above their baselines; joined by the layer's own graph."""

    inputs: Tensor
    outputs: Tensor

    def back(self, values: Tensor) -> Tensor:
        """`values`, shaped like `outputs`, times the layer's transposed Jacobian."""
        return torch.autograd.grad(self.outputs, self.inputs, values, retain_graph=True)[0]


Rule = Callable[[_Call, Tensor], Tensor]
"""A call and multipliers of its outputs `(2 n, ...)` -> multipliers of its inputs `(n, ...)`."""


class _Context(FunctionCtx):
    """What a layer keeps between its way forward and its way back."""

    call: _Call
    rule: Rule


class _Rescale(torch.autograd.Function):
    """A layer whose way forward is its own and whose way back is its rule."""

    @staticmethod
    def forward(ctx: _Context, inputs: Tensor, call: _Call, rule: Rule) -> Tensor:
        """Hand on the outputs that the layer computed, cut off from its own graph."""
        ctx.call, ctx.rule = call, rule
        return call.outputs.detach()

    @staticmethod
    def backward(ctx: _Context, multipliers: Tensor) -> tuple[Tensor, None, None]:
        """Multipliers like the outputs -> like the inputs; baselines have none."""
        found = ctx.rule(ctx.call, multipliers)
        del ctx.call
        return torch.cat([found, torch.zeros_like(found)]), None, None


def _elementwise(call: _Call, multipliers: Tensor) -> Tensor:
    """Change of the output over change of the input (Shrikumar et al. 2017, equation 13)."""
    carried = multipliers.chunk(2)[0] * _change(call.outputs)
    magnitude = _magnitude(call.inputs) + _magnitude(call.outputs)
    return _slope(carried, call, multipliers, magnitude)


def _maximum(call: _Call, multipliers: Tensor) -> Tensor:
    """The change of a window's maximum, at the winner of whichever of the two is larger.

    There the input has changed at least as much and the same way, so no slope exceeds one.
    """
    reached, left = call.outputs.chunk(2)
    carried = multipliers.chunk(2)[0] * (reached - left)
    rising = reached >= left
    upper, lower = call.back(torch.cat([carried * rising, carried * ~rising])).chunk(2)
    return _slope(upper + lower, call, multipliers, _magnitude(call.inputs))


def _slope(carried: Tensor, call: _Call, multipliers: Tensor, magnitude: Tensor) -> Tensor:
    """What was `carried` over the change of the input; the derivative where that is rounding."""
    change = _change(call.inputs)
    still = change.abs() <= 10 * torch.finfo(change.dtype).eps * magnitude
    return torch.where(still, call.back(multipliers).chunk(2)[0], carried / change)


def _change(values: Tensor) -> Tensor:
    """From the baselines below `(2 n, ...)` to the inputs above: `(n, ...)`."""
    reached, left = values.detach().chunk(2)
    return reached - left


def _magnitude(values: Tensor) -> Tensor:
    """Sum of the magnitudes of inputs and baselines: what rounding is in proportion to."""
    reached, left = values.detach().abs().chunk(2)
    return reached + left


@contextmanager
def _rescaled(network: nn.Module) -> Iterator[None]:
    """Hook the rules to their layers."""
    rules = ((ELEMENTWISE, _elementwise), (MAXIMUM, _maximum))
    handles = [
        layer.register_forward_hook(_hook(rule))
        for kinds, rule in rules
        for layer in network.modules()
        if isinstance(layer, kinds)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hook(rule: Rule) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A forward hook that puts the rule in the place of the layer's gradient."""

    def replace(layer: nn.Module, arguments: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
        if not outputs.requires_grad:
            return outputs
        handed_on: Tensor = _Rescale.apply(arguments[0], _Call(arguments[0], outputs), rule)
        return handed_on

    return replace


def _suspects(network: nn.Module) -> str:
    """The layers without a rule; without such it is the network's own arithmetic."""
    known = (*ELEMENTWISE, *MAXIMUM, *LINEAR)
    strange = [
        f"layer {name} ({type(layer).__name__})"
        for name, layer in network.named_modules()
        if next(layer.children(), None) is None and not isinstance(layer, known)
    ]
    if strange:
        return f"{', '.join(strange)} has no rule"
    return "the network computes something that is not linear outside of its layers"
