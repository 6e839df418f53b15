"""What a rule may know of a layer: the call it saw, its weight, its bias, its transpose."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError

CONVOLUTION = (nn.Conv1d, nn.Conv2d)
WEIGHTED = (nn.Linear, *CONVOLUTION)
NORMALISATION = (nn.BatchNorm1d, nn.BatchNorm2d)

Normalisation = nn.BatchNorm1d | nn.BatchNorm2d


class UnsupportedLayerError(InputError, TypeError):
    """A layer has no rule; the message names the layer, its class and the remedy."""


@dataclass(frozen=True, eq=False)
class Call:
    """One forward call of one layer, kept for the way back.

    `inputs` `(batch, ...)` and `outputs` `(batch, ...)` are joined by the layer's own autograd
    graph, so that going back through the layer costs no second forward. A batch normalisation
    that follows the layer may be folded into it: then `outputs`, `weight` and `bias` are those
    of the two as one.
    """

    layer: nn.Module
    inputs: Tensor
    outputs: Tensor
    norm: Normalisation | None = None

    @property
    def weight(self) -> Tensor:
        """Weight `(channels out, ...)` of a dense or convolutional layer."""
        weight = _parameter(self.layer, "weight")
        if self.norm is None:
            return weight
        return weight * _scale(self.norm).reshape(-1, *[1] * (weight.dim() - 1))

    @property
    def bias(self) -> Tensor | None:
        """Constant `(channels out,)` that the layer adds, None if it adds none."""
        own = _constant(self.layer)
        if self.norm is None:
            return own
        return _shift(self.norm) + (0 if own is None else own * _scale(self.norm))

    def backward(self, values: Tensor) -> Tensor:
        """`values`, shaped like `outputs`, times the layer's transposed Jacobian."""
        return torch.autograd.grad(self.outputs, self.inputs, values)[0]

    def forward(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Apply the layer's arithmetic to other `inputs` with another `weight` and `bias`."""
        if isinstance(self.layer, nn.Linear):
            return F.linear(inputs, weight, bias)
        assert isinstance(self.layer, CONVOLUTION)
        outputs: Tensor = self.layer._conv_forward(inputs, weight, bias)
        return outputs

    def kept(self, bias: Tensor | None, per_unit: Tensor) -> Tensor:
        """Relevance `(batch,)` that `bias` `(channels out,)` keeps.

        `per_unit`, shaped like `outputs`, is relevance over denominator.
        """
        if bias is None:
            return per_unit.new_zeros(len(per_unit))
        channel = per_unit.dim() - 1 if isinstance(self.layer, nn.Linear) else 1
        others = [axis for axis in range(1, per_unit.dim()) if axis != channel]
        return (per_unit.sum(others) if others else per_unit) @ bias


def normalised(outputs: Tensor, norm: Normalisation) -> Tensor:
    """`outputs` `(batch, channels, ...)` after `norm` with its running statistics."""
    return F.batch_norm(
        outputs, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
    )


def _constant(layer: nn.Module) -> Tensor | None:
    """What `layer` adds to every output whatever its input is, `(channels out,)`."""
    if isinstance(layer, NORMALISATION):
        return _shift(layer)
    return _parameter(layer, "bias") if getattr(layer, "bias", None) is not None else None


def _parameter(layer: nn.Module, name: str) -> Tensor:
    """A parameter as a plain tensor, cut off from autograd."""
    parameter: Tensor = getattr(layer, name)
    return parameter.detach()


def _scale(norm: Normalisation) -> Tensor:
    """Factor `(channels,)` of a batch normalisation read as `scale * x + shift`."""
    assert norm.running_var is not None
    factor = torch.rsqrt(norm.running_var + norm.eps)
    return factor if norm.weight is None else factor * norm.weight.detach()


def _shift(norm: Normalisation) -> Tensor:
    """Constant `(channels,)` of a batch normalisation read as `scale * x + shift`."""
    assert norm.running_mean is not None
    offset = -norm.running_mean * _scale(norm)
    return offset if norm.bias is None else offset + norm.bias.detach()
