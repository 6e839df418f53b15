"""GammatoneNet: a small convolution network on a Gammatone spectrogram. Ours.

The smallest of the networks that Peic Tukuljac et al. (2022) put on the folds of Becker et al. has
a Gammatone front end and 300,000 parameters; theirs could not be had, so this is one of that size.
"""

from collections import OrderedDict
from itertools import pairwise

from torch import nn

from earwitness.models.initialisation import kaiming

CHANNELS = (1, 24, 48, 96, 128, 128)


class GammatoneNet(nn.Sequential):
    """Spectrogram `(batch, 1, bands, frames)`, 16 of each or more -> logits `(batch, classes)`."""

    def __init__(self, classes: int) -> None:
        """Five convolutions with batch normalisation, pooled over all bands and frames."""
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for index, (inputs, outputs) in enumerate(pairwise(CHANNELS), start=1):
            layers[f"conv{index}"] = nn.Conv2d(inputs, outputs, kernel_size=3, padding=1)
            layers[f"norm{index}"] = nn.BatchNorm2d(outputs)
            layers[f"relu{index}"] = nn.ReLU()
            if index < len(CHANNELS) - 1:
                layers[f"pool{index}"] = nn.MaxPool2d(2)
        layers["average"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
        layers["drop"] = nn.Dropout(0.2)
        layers["fc"] = nn.Linear(CHANNELS[-1], classes)
        super().__init__(layers)
        kaiming(self)
