"""One forward and one backward pass that carries relevance instead of a gradient."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F

from earwitness.explain.attribution import frozen, require_batch, require_outputs
from earwitness.explain.lrp.composites import Composite, Step
from earwitness.explain.lrp.graph import require_layers
from earwitness.explain.lrp.layers import Call, normalised
from earwitness.explain.lrp.rules import Rule
from earwitness.explain.lrp.sums import Sums


@dataclass(frozen=True, eq=False)
class Relevance:
    """What a batch's inputs contribute to one logit each.

    `inputs` `(batch, ...)` is shaped like the model's input, in units of the logit; `logits` is
    `(batch, classes)`; `absorbed` `(batch,)` is what biases kept, so that for the epsilon rule
    the sum of `inputs` plus `absorbed` is the explained logit, up to epsilon.
    """

    inputs: Tensor
    logits: Tensor
    absorbed: Tensor


def relevance(model: nn.Module, inputs: Tensor, target: Tensor, composite: Composite) -> Relevance:
    """Propagate each item's target logit back to the input (Bach et al. 2015).

    The model runs in evaluation mode and is left as it was found, parameters, modes, hooks and
    gradients, whether this succeeds or not. Items do not influence each other.

    Args:
        model: takes `inputs` and returns logits `(batch, classes)`; all its arithmetic is in
            layers that `composite` has rules for, sums apart.
        inputs: `(batch, ...)`, floating point.
        target: class of each item `(batch,)`, integer.
        composite: which layer follows which rule.

    Raises:
        UnsupportedLayerError: a layer has no rule (nothing has been computed yet), or the model
            computes something else than sums outside its layers.
        InputError: inputs or target have the wrong shape, type or range, or are not finite; or
            the logits do not depend on the inputs.
    """
    plan = composite.plan(model)
    require_batch(inputs, target)
    kept: list[Tensor] = []
    sums = Sums(composite.sums.epsilon, kept)
    with frozen(model), _hooked(plan, sums), torch.inference_mode(False), torch.enable_grad():
        source = inputs.detach().clone().requires_grad_()
        with sums:
            logits = model(source)
        require_outputs(logits, target)
        require_layers(logits)
        start = logits.detach() * F.one_hot(target, logits.shape[1])
        (found,) = torch.autograd.grad(logits, source, start)
    return Relevance(found, logits.detach(), _per_item(kept, logits))


class _Context(FunctionCtx):
    """What a layer keeps between its way forward and its way back."""

    call: Call
    rule: Rule
    kept: list[Tensor]


class _Propagate(torch.autograd.Function):
    """A layer whose way forward is its own and whose way back is its rule."""

    @staticmethod
    def forward(
        ctx: _Context, inputs: Tensor, call: Call, rule: Rule, kept: list[Tensor]
    ) -> Tensor:
        """Hand on the outputs that the layer computed, cut off from its own graph."""
        ctx.call, ctx.rule, ctx.kept = call, rule, kept
        return call.outputs.detach()

    @staticmethod
    def backward(ctx: _Context, relevance: Tensor) -> tuple[Tensor, None, None, None]:
        """Relevance like the outputs -> relevance like the inputs; note what the bias kept."""
        found, kept = ctx.rule(ctx.call, relevance)
        # The graph outlives this layer's turn; its activations need not.
        del ctx.call
        if kept is not None:
            ctx.kept.append(kept)
        return found, None, None, None


@contextmanager
def _hooked(plan: list[Step], sums: Sums) -> Iterator[None]:
    """Hook the rules to their layers, for a while."""
    handles = []
    try:
        for step in plan:
            handles += sums.spare(step.layer)
            handles.append(step.layer.register_forward_hook(_hook(step, sums.kept)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hook(step: Step, kept: list[Tensor]) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    """A forward hook that puts the rule in the place of the layer's gradient."""
    rule = step.rule
    if rule is None:
        return lambda layer, arguments, outputs: arguments[0]

    def replace(layer: nn.Module, arguments: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
        if step.norm is not None:
            outputs = normalised(outputs, step.norm)
        call = Call(layer, arguments[0], outputs, step.norm)
        handed_on: Tensor = _Propagate.apply(arguments[0], call, rule, kept)
        return handed_on

    return replace


def _per_item(kept: list[Tensor], logits: Tensor) -> Tensor:
    """Sum of what each layer's bias kept `(batch,)`; a layer may have seen items in pieces."""
    items = len(logits)
    start = logits.new_zeros(items).detach()
    return sum((layer.reshape(items, -1).sum(1) for layer in kept), start=start)
