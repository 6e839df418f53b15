"""What a rule may read of a layer: the call, the weight, the bias, the transposed Jacobian."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.layer_hooks import LayerCall

CONVOLUTION = (nn.Conv1d, nn.Conv2d)
WEIGHTED = (nn.Linear, *CONVOLUTION)
NORMALISATION = (nn.BatchNorm1d, nn.BatchNorm2d)

Normalisation = nn.BatchNorm1d | nn.BatchNorm2d


class UnsupportedLayerError(InputError, TypeError):
    """A layer has no rule; the message names the layer, its class and what to do."""


@dataclass(frozen=True, eq=False)
class Call(LayerCall):
    """A call of one layer, with its weight and bias.

    A batch normalisation that follows the layer may be folded into it: then `outputs`
    `(batch, ...)`, `weight` and `bias` are those of the two combined.
    """

    layer: nn.Module
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

    def forward(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Outputs `(batch, ...)` of the layer for other `inputs`, `weight` and `bias`.

        Shapes are those of the layer's own: `(batch, ...)`, `(channels out, ...)` and
        `(channels out,)`.
        """
        if isinstance(self.layer, nn.Linear):
            return F.linear(inputs, weight, bias)
        assert isinstance(self.layer, CONVOLUTION)
        outputs: Tensor = self.layer._conv_forward(inputs, weight, bias)
        return outputs

    def kept(self, bias: Tensor | None, per_unit: Tensor) -> Tensor:
        """Relevance `(batch,)` that `bias` `(channels out,)` keeps.

        `per_unit` `(batch, ...)`, shaped like `outputs`, is relevance over denominator.
        """
        if bias is None:
            return per_unit.new_zeros(len(per_unit))
        channel = per_unit.dim() - 1 if isinstance(self.layer, nn.Linear) else 1
        others = [axis for axis in range(1, per_unit.dim()) if axis != channel]
        return (per_unit.sum(others) if others else per_unit) @ bias


def normalised(outputs: Tensor, norm: Normalisation) -> Tensor:
    """Outputs `(batch, channels, ...)` normalised, without unit, by the statistics of `norm`."""
    return F.batch_norm(
        outputs, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
    )


def _constant(layer: nn.Module) -> Tensor | None:
    """Constant `(channels out,)` that `layer` adds to its outputs; None if it adds none."""
    if isinstance(layer, NORMALISATION):
        return _shift(layer)
    return _parameter(layer, "bias") if getattr(layer, "bias", None) is not None else None


def _parameter(layer: nn.Module, name: str) -> Tensor:
    """A parameter as a tensor detached from autograd, in its own shape `(...)`."""
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
