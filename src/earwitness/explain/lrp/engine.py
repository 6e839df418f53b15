"""One forward and one backward pass that carries relevance instead of a gradient."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from earwitness.explain.attribution import frozen, require_batch, require_outputs
from earwitness.explain.layer_hooks import temporary_hooks, with_backward_rule
from earwitness.explain.lrp.composites import Composite, Step
from earwitness.explain.lrp.graph import require_layers
from earwitness.explain.lrp.layers import Call, normalised
from earwitness.explain.lrp.rules import Rule
from earwitness.explain.lrp.sums import Sums


@dataclass(frozen=True, eq=False)
class Relevance:
    """Contributions of a batch's inputs to one logit each.

    `inputs` `(batch, ...)` is shaped like the model's input, in units of the logit; `logits` is
    `(batch, classes)`; `absorbed` `(batch,)` is what biases kept, so that for the epsilon rule
    the sum of `inputs` plus `absorbed` is the explained logit, up to epsilon.
    """

    inputs: Tensor
    logits: Tensor
    absorbed: Tensor


def relevance(model: nn.Module, inputs: Tensor, target: Tensor, composite: Composite) -> Relevance:
    """Propagate each item's target logit back to the input (Bach et al. 2015).

    The model runs in evaluation mode; its parameters, modes, hooks and gradients are restored
    afterwards, also after an error. Items do not influence each other.

    Args:
        model: `inputs` -> logits `(batch, classes)`, by layers with rules and sums only.
        inputs: `(batch, ...)`, floating point.
        target: class of each item `(batch,)`, integer.
        composite: which layer follows which rule.

    Raises:
        UnsupportedLayerError: a layer has no rule (raised before anything is computed), or the
            model computes something other than sums outside its layers.
        InputError: inputs or target have the wrong shape, type or range, or are not finite; or
            the logits do not depend on the inputs.
    """
    sums = Sums(composite.sums.epsilon)
    hooks = temporary_hooks(_register(composite.plan(model), sums))
    require_batch(inputs, target)
    with frozen(model), hooks, torch.inference_mode(False), torch.enable_grad():
        source = inputs.detach().clone().requires_grad_()
        with sums:
            logits = model(source)
        require_outputs(logits, target)
        require_layers(logits)
        seed = logits.detach() * F.one_hot(target, logits.shape[1])
        (values,) = torch.autograd.grad(logits, source, seed)
    return Relevance(values, logits.detach(), _per_item(sums.absorbed, logits))


def _register(plan: list[Step], sums: Sums) -> Iterator[RemovableHandle]:
    """Register the rule of each step, and exempt the sums within its layer."""
    for step in plan:
        yield from sums.exempt(step.layer)
        yield step.layer.register_forward_hook(_hook(step, sums.absorbed))


def _hook(step: Step, absorbed: list[Tensor]) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A forward hook that replaces the layer's gradient by its rule."""
    rule = step.rule
    if rule is None:
        return lambda layer, arguments, outputs: arguments[0]

    def replace(layer: nn.Module, arguments: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
        if step.norm is not None:
            outputs = normalised(outputs, step.norm)
        call = Call(arguments[0], outputs, layer, step.norm)
        return with_backward_rule(call, partial(_propagate, rule, call, absorbed))

    return replace


def _propagate(rule: Rule, call: Call, absorbed: list[Tensor], relevance: Tensor) -> Tensor:
    """Relevance like the outputs `(batch, ...)` -> like the inputs; collect what the bias keeps."""
    result, kept_by_bias = rule(call, relevance)
    if kept_by_bias is not None:
        absorbed.append(kept_by_bias)
    return result


def _per_item(absorbed: list[Tensor], logits: Tensor) -> Tensor:
    """Sum of what each layer's bias kept `(batch,)`; a layer may split items `(pieces,)`."""
    items = len(logits)
    start = logits.new_zeros(items).detach()
    return sum((layer.reshape(items, -1).sum(1) for layer in absorbed), start=start)
