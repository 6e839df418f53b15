"""Operations that a model computes outside its layers, read from the autograd graph."""

from torch import Tensor
from torch.autograd.graph import Node

from earwitness.errors import InputError
from earwitness.explain.backward import autograd_nodes
from earwitness.explain.lrp.layers import UnsupportedLayerError

RULED = frozenset({"RuledLayer", "_Sum", "_SumInPlace"})
"""Operations that follow a rule: layers, and sums between them."""

CONSERVING = frozenset(
    {
        *("torch::autograd::AccumulateGrad", "Alias", "Clone", "ToCopy", "UnsafeView", "View"),
        *("Expand", "Permute", "Reshape", "ReshapeAlias", "Squeeze", "T", "Transpose", "Unsqueeze"),
        *("Cat", "ConstantPadNd", "Select", "Slice", "Split", "SplitWithSizes", "Stack", "Unbind"),
        *("Amax", "Index", "IndexSelect", "Max", "MaxPool2DWithIndices", "Relu", "Unfold"),
    }
)
"""Operations whose gradient propagates relevance without loss: they only move, copy or select."""


def require_layers(logits: Tensor) -> None:
    """Check that all arithmetic between `logits` `(batch, classes)` and the input is in layers.

    A product or mean written out in a `forward` would propagate relevance by its plain gradient:
    the result would look plausible but not sum to the logit.

    Raises:
        UnsupportedLayerError: naming the operations, for instance `Mul`.
        InputError: the logits do not depend on the input.
    """
    if logits.grad_fn is None:
        raise InputError("the network's outputs do not depend on its input: there is no gradient")
    foreign = sorted({_operation(node) for node in autograd_nodes(logits)} - CONSERVING - RULED)
    if foreign:
        raise UnsupportedLayerError(
            f"the model computes {', '.join(foreign)} outside its layers: "
            "put it into a module and give that a rule by name"
        )


def _operation(node: Node) -> str:
    """`ViewBackward0` -> `View`."""
    return node.name().rstrip("0123456789").removesuffix("Backward")
