"""AlexNet on spectrograms (Becker et al., released network definition)."""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import nn

from earwitness.models.initialisation import gaussian


class _Convolution(NamedTuple):
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    groups: int
    pooled: bool


CONVOLUTIONS = (
    _Convolution(1, 96, kernel=11, stride=4, padding=0, groups=1, pooled=True),
    _Convolution(96, 256, kernel=5, stride=1, padding=2, groups=2, pooled=True),
    _Convolution(256, 384, kernel=3, stride=1, padding=1, groups=1, pooled=False),
    _Convolution(384, 384, kernel=3, stride=1, padding=1, groups=2, pooled=False),
    _Convolution(384, 256, kernel=3, stride=1, padding=1, groups=2, pooled=True),
)

RELEASED_START = {
    "conv1": (0.01, 0.0),
    "conv2": (0.01, 0.1),
    "conv3": (0.01, 0.0),
    "conv4": (0.01, 0.1),
    "conv5": (0.01, 0.1),
    "fc6": (0.005, 0.1),
    "fc7": (0.005, 0.1),
    "fc8": (0.01, 0.0),
}
"""Standard deviation of the weights and constant bias of each layer at the start."""


class AlexNet(nn.Sequential):
    """Spectrogram `(batch, 1, 227, 227)` -> logits `(batch, classes)`.

    Against the network of 2012: one input channel, dense layers of 1024 and no local response
    normalisation, as released.
    """

    def __init__(self, classes: int, released_initialisation: bool = False) -> None:
        """`released_initialisation` starts as `RELEASED_START` says; otherwise as PyTorch does."""
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for index, shape in enumerate(CONVOLUTIONS, start=1):
            layers[f"conv{index}"] = nn.Conv2d(*shape[:5], groups=shape.groups)
            layers[f"relu{index}"] = nn.ReLU()
            if shape.pooled:
                layers[f"pool{index}"] = nn.MaxPool2d(3, stride=2)
        layers["flatten"] = nn.Flatten()
        for index, inputs in ((6, 256 * 6 * 6), (7, 1024)):
            layers[f"fc{index}"] = nn.Linear(inputs, 1024)
            layers[f"relu{index}"] = nn.ReLU()
            layers[f"drop{index}"] = nn.Dropout(0.5)
        layers["fc8"] = nn.Linear(1024, classes)
        super().__init__(layers)
        if released_initialisation:
            self._initialise()
        # A fifth faster on CPUs; the numbers are the same.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _initialise(self) -> None:
        for name, (std, bias) in RELEASED_START.items():
            gaussian(self.get_submodule(name), std, bias)
