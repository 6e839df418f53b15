"""One forward and one backward pass that carries relevance instead of a gradient."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.lrp.composites import Composite, Step
from earwitness.explain.lrp.graph import require_layers
from earwitness.explain.lrp.layers import Call, normalised
from earwitness.explain.lrp.rules import Rule


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
            layers that `composite` has rules for.
        inputs: `(batch, ...)`, floating point.
        target: class of each item `(batch,)`, integer.
        composite: which layer follows which rule.

    Raises:
        UnsupportedLayerError: a layer has no rule; nothing has been computed yet.
        InputError: inputs or target have the wrong shape, type or range, or are not finite.
    """
    plan = composite.plan(model)
    _require_batch(inputs, target)
    kept: list[Tensor] = []
    with _prepared(model, plan, kept), torch.inference_mode(False), torch.enable_grad():
        source = inputs.detach().clone().requires_grad_()
        logits = model(source)
        _require_logits(logits, target)
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
def _prepared(model: nn.Module, plan: list[Step], kept: list[Tensor]) -> Iterator[None]:
    """Hook the rules to their layers, in evaluation mode and without in-place activations."""
    handles = []
    try:
        with _attribute(model, "training", False), _attribute(model, "inplace", False):
            for step in plan:
                handles.append(step.layer.register_forward_hook(_hook(step, kept)))
            yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _attribute(model: nn.Module, name: str, value: bool) -> Iterator[None]:
    """Give an attribute the same value in all modules that have it, and each its own afterwards."""
    held = {module: getattr(module, name) for module in model.modules() if hasattr(module, name)}
    try:
        for module in held:
            setattr(module, name, value)
        yield
    finally:
        for module, before in held.items():
            setattr(module, name, before)


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


def _require_batch(inputs: Tensor, target: Tensor) -> None:
    """Raise InputError unless inputs and target make a batch."""
    if not inputs.is_floating_point() or not torch.isfinite(inputs).all():
        raise InputError("LRP needs floating-point inputs without NaN or infinity")
    if target.dtype != torch.long or target.shape != inputs.shape[:1]:
        raise InputError(
            f"target is {tuple(target.shape)} of {target.dtype}: "
            f"give one int64 class an item, ({len(inputs)},)"
        )


def _require_logits(logits: Tensor, target: Tensor) -> None:
    """Raise InputError or UnsupportedLayerError where there is nothing to propagate back."""
    if logits.dim() != 2 or len(logits) != len(target) or not logits.requires_grad:
        raise InputError(
            f"the model returned {tuple(logits.shape)}: "
            "LRP needs logits (batch, classes) that depend on the input"
        )
    if not ((target >= 0) & (target < logits.shape[1])).all():
        raise InputError(f"target must lie in 0..{logits.shape[1] - 1}, the model's classes")
    require_layers(logits)
