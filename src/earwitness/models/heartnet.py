"""HeartNet: a small convolution network over time, for rows of features. Ours.

Dissanayake et al. (2020) publish no layers; this is the plain network that their question needs:
it takes features with and without states and is explained by every method of this project.
"""

from collections import OrderedDict
from itertools import pairwise

from torch import nn

from earwitness.models.initialisation import kaiming


class HeartNet(nn.Sequential):
    """Rows of features `(batch, rows, frames)`, 8 frames or more -> logits `(batch, classes)`."""

    def __init__(self, classes: int, rows: int, width: int = 48) -> None:
        """Four convolutions of `width` to `3 * width` channels, averaged over time."""
        channels = (rows, width, width * 3 // 2, width * 2, width * 3)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for index, (inputs, outputs) in enumerate(pairwise(channels), start=1):
            layers[f"conv{index}"] = nn.Conv1d(inputs, outputs, kernel_size=5, padding=2)
            layers[f"norm{index}"] = nn.BatchNorm1d(outputs)
            layers[f"relu{index}"] = nn.ReLU()
            if index < len(channels) - 1:
                layers[f"pool{index}"] = nn.MaxPool1d(2)
        layers["average"] = nn.AdaptiveAvgPool1d(1)
        layers["flatten"] = nn.Flatten()
        layers["drop"] = nn.Dropout(0.3)
        layers["fc"] = nn.Linear(channels[-1], classes)
        super().__init__(layers)
        kaiming(self)
