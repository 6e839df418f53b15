"""Grad-CAM: where the channels of a layer that support a class are active."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from earwitness.explain.attribution import Attribution, frozen, require_batch
from earwitness.explain.backward import one_hot_seed
from earwitness.explain.layer_positions import captured_outputs, locate_layer


@dataclass(frozen=True)
class GradCam:
    """A layer's channels, weighted by the mean gradient of each (Selvaraju et al. 2017, eqs. 1-2).

    Values `(batch, 1, ...)` keep the resolution of the layer; `positions` locate them on the
    input. They are not negative, as in the paper.

    Attributes:
        layer: dotted name of the layer; None for the last convolution with its activation.
    """

    layer: str | None = None
    name: ClassVar[str] = "Grad-CAM"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together, or there is no such layer
                or its outputs have no time or frequency axis.
        """
        require_batch(inputs, target)
        with frozen(network):
            located = locate_layer(network, inputs, self.layer)
            active, slopes, outputs = _layer_gradient(network, inputs, target, located.layer)
        weights = slopes.flatten(2).mean(2).reshape(*slopes.shape[:2], *[1] * (slopes.dim() - 2))
        values = (weights * active).sum(1, keepdim=True).clamp(min=0)
        return Attribution(values, outputs, positions=located.positions)


def _layer_gradient(
    network: nn.Module, inputs: Tensor, target: Tensor, layer: nn.Module
) -> tuple[Tensor, Tensor, Tensor]:
    """The layer's outputs `(batch, channels, ...)`, their gradients, outputs `(batch, classes)`."""
    with torch.inference_mode(False), torch.enable_grad(), captured_outputs(layer) as calls:
        outputs = network(inputs.detach().clone())
        (slopes,) = torch.autograd.grad(outputs, calls[-1], one_hot_seed(outputs, target))
    return calls[-1].detach(), slopes, outputs.detach()
