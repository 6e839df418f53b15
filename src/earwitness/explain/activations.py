"""Activations of a layer: what it responds to in a sound, independent of the class."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from earwitness.explain.attribution import Attribution, frozen, require_batch, require_outputs
from earwitness.explain.layer_positions import captured_outputs, locate_layer


@dataclass(frozen=True)
class Activations:
    """The outputs of a layer: one feature map per channel.

    Values `(batch, channels, ...)` keep the resolution of the layer; `positions` locate them on
    the input. They do not depend on the target.

    Attributes:
        layer: dotted name of the layer; None for the last convolution with its activation.
    """

    layer: str | None = None
    name: ClassVar[str] = "activations"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Return the layer's outputs for `inputs` `(batch, ...)`; only checks `target` `(batch,)`.

        Raises:
            InputError: inputs, target or outputs do not fit together, or there is no such layer
                or its outputs have no time or frequency axis.
        """
        require_batch(inputs, target)
        with frozen(network):
            located = locate_layer(network, inputs, self.layer)
            with torch.inference_mode(), captured_outputs(located.layer) as calls:
                outputs = network(inputs)
        require_outputs(outputs, target)
        return Attribution(calls[-1].clone(), outputs.clone(), positions=located.positions)
