"""DeepLIFT: contribution of each input value to the change of the output from a baseline."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution, frozen, require_batch
from earwitness.explain.backward import completeness_gap, gradient, target_outputs
from earwitness.explain.baselines import baseline, require_baseline
from earwitness.explain.layer_hooks import LayerCall, temporary_hooks, with_backward_rule
from earwitness.explain.lrp.composites import ACTIVATION, AVERAGE, IDENTITY, MAXIMUM, SHAPE
from earwitness.explain.lrp.layers import NORMALISATION, WEIGHTED

ELEMENTWISE = (*ACTIVATION, nn.Sigmoid, nn.LogSigmoid, nn.Softplus, nn.Softsign, nn.Hardtanh)
"""Layers of the rescale rule, beside max pooling."""
LINEAR = (*WEIGHTED, *NORMALISATION, *AVERAGE, *SHAPE, *IDENTITY)
"""Layers whose slope equals their derivative for any baseline."""
MAX_RELATIVE_GAP = 1e-3
"""Completeness gap allowed, relative to the output and attribution magnitudes: well above rounding
errors, well below what a layer without a rule causes."""


@dataclass(frozen=True)
class DeepLift:
    """Finite slopes between a baseline and the input replace derivatives (Shrikumar et al. 2017).

    The rescale rule (section 3.5.2) applies to activations and max pooling, separately for each
    call, so a layer may be reused. Everything else must be linear: the completeness gap
    f(x) - f(baseline) - sum of values is checked to be within rounding. Explain logits rather
    than probabilities (section 3.6).

    Attributes:
        baseline: `zero`, or `minimum`, each item's smallest value: silence in a spectrogram in dB.
    """

    baseline: str = "zero"
    name: ClassVar[str] = "DeepLIFT"

    def __post_init__(self) -> None:
        """Raise InputError for an unknown baseline."""
        require_baseline(self.baseline)

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together, or a layer is neither
                linear nor has a rule.
        """
        require_batch(inputs, target)
        baselines = baseline(self.baseline, inputs)
        with frozen(network), _rescaled(network):
            slopes, outputs = gradient(network, torch.cat([inputs, baselines]), target.repeat(2))
        values = slopes.chunk(2)[0] * (inputs - baselines)
        at_inputs, at_baselines = target_outputs(outputs, target.repeat(2)).chunk(2)
        gap = completeness_gap(at_inputs - at_baselines, values)
        magnitude = at_inputs.abs() + at_baselines.abs() + values.abs().flatten(1).sum(1)
        if (gap.abs() > MAX_RELATIVE_GAP * magnitude).any():
            raise InputError(
                f"DeepLIFT does not add up: {_suspects(network)}; "
                "use layers such as nn.ReLU, explain logits, or choose integrated gradients"
            )
        return Attribution(values, outputs.chunk(2)[0], gap)


Rule = Callable[[LayerCall, Tensor], Tensor]
"""A call and multipliers of its outputs `(2 n, ...)` -> multipliers of its inputs `(n, ...)`."""


def _elementwise(call: LayerCall, multipliers: Tensor) -> Tensor:
    """Change of the output over change of the input (Shrikumar et al. 2017, equation 13).

    Multipliers of the outputs `(2 n, ...)` -> multipliers of the inputs `(n, ...)`.
    """
    carried = multipliers.chunk(2)[0] * _change(call.outputs)
    magnitude = _magnitude(call.inputs) + _magnitude(call.outputs)
    return _slope(carried, call, multipliers, magnitude)


def _maximum(call: LayerCall, multipliers: Tensor) -> Tensor:
    """Assign the change of a window's maximum to the position of the larger of the two maxima.

    The input there has changed at least as much in the same direction, so no slope exceeds one.
    Multipliers of the outputs `(2 n, ...)` -> multipliers of the inputs `(n, ...)`.
    """
    at_inputs, at_baselines = call.outputs.chunk(2)
    carried = multipliers.chunk(2)[0] * (at_inputs - at_baselines)
    rising = at_inputs >= at_baselines
    winners = torch.cat([carried * rising, carried * ~rising])
    upper, lower = call.backward(winners, retain_graph=True).chunk(2)
    return _slope(upper + lower, call, multipliers, _magnitude(call.inputs))


def _slope(carried: Tensor, call: LayerCall, multipliers: Tensor, magnitude: Tensor) -> Tensor:
    """`carried` over the change of the input, `(n, ...)`; the derivative where that is rounding."""
    change = _change(call.inputs)
    unchanged = change.abs() <= 10 * torch.finfo(change.dtype).eps * magnitude
    return torch.where(
        unchanged, call.backward(multipliers, retain_graph=True).chunk(2)[0], carried / change
    )


def _change(values: Tensor) -> Tensor:
    """First half (inputs) of values `(2 n, ...)` minus second half (baselines): `(n, ...)`."""
    at_inputs, at_baselines = values.detach().chunk(2)
    return at_inputs - at_baselines


def _magnitude(values: Tensor) -> Tensor:
    """Sum of the magnitudes of both halves of `(2 n, ...)`: `(n, ...)`, the scale of rounding."""
    at_inputs, at_baselines = values.detach().abs().chunk(2)
    return at_inputs + at_baselines


def _rescaled(network: nn.Module) -> AbstractContextManager[None]:
    """Replace the gradients of activations and max pooling by the rescale rule."""
    rules = ((ELEMENTWISE, _elementwise), (MAXIMUM, _maximum))
    return temporary_hooks(
        layer.register_forward_hook(_hook(rule))
        for kinds, rule in rules
        for layer in network.modules()
        if isinstance(layer, kinds)
    )


def _hook(rule: Rule) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A forward hook that replaces the layer's gradient by the rule."""

    def replace(layer: nn.Module, arguments: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
        if not outputs.requires_grad:
            return outputs
        call = LayerCall(arguments[0], outputs)
        return with_backward_rule(call, partial(_with_zero_baselines, rule, call))

    return replace


def _with_zero_baselines(rule: Rule, call: LayerCall, multipliers: Tensor) -> Tensor:
    """Multipliers of the call's inputs `(2 n, ...)`; those of the baselines are zero."""
    result = rule(call, multipliers)
    return torch.cat([result, torch.zeros_like(result)])


def _suspects(network: nn.Module) -> str:
    """Name the layers without a rule; if there are none, blame arithmetic outside of layers."""
    known = (*ELEMENTWISE, *MAXIMUM, *LINEAR)
    unknown = [
        f"layer {name} ({type(layer).__name__})"
        for name, layer in network.named_modules()
        if next(layer.children(), None) is None and not isinstance(layer, known)
    ]
    if unknown:
        return f"{', '.join(unknown)} has no rule"
    return "the network computes something that is not linear outside of its layers"
