"""The nine convolutions of Chowdhury et al. (2019), figure 3: a spectrogram becomes 256 numbers."""

from collections import OrderedDict

from torch import nn

from earwitness.models.initialisation import kaiming

CHANNELS = (64, 64, 128, 128, 256, 256, 384, 512, 256)
"""Of the convolutions, at full width."""
POOLED_AFTER = (2, 4)
"""Convolutions, counted from 1, that pooling and dropout follow."""


class VGG9(nn.Sequential):
    """Spectrograms `(batch, 1, 149, 313)`, or of other sizes, -> `(batch, features)`.

    The smallest is 23 by 23, or 7 by 7 with a last kernel of one.

    Attributes:
        features: numbers it makes of a spectrogram, 256 at full width.
    """

    def __init__(self, width: float = 1.0, last_kernel: int = 3, dropout: float = 0.3) -> None:
        """Draw the layers.

        Args:
            width: multiplies the channels of every layer.
            last_kernel: of the ninth convolution, which is not padded: 3 in the publication's
                figure, 1 in the code that its institute released later.
            dropout: after each pooling.
        """
        channels = [max(1, round(count * width)) for count in CHANNELS]
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        inputs = 1
        for index, outputs in enumerate(channels, start=1):
            kernel, stride, padding = _geometry(index, last_kernel)
            layers[f"conv{index}"] = nn.Conv2d(inputs, outputs, kernel, stride, padding)
            layers[f"norm{index}"] = nn.BatchNorm2d(outputs)
            layers[f"relu{index}"] = nn.ReLU()
            if index in POOLED_AFTER:
                layers[f"pool{index}"] = nn.MaxPool2d(2)
                layers[f"drop{index}"] = nn.Dropout(dropout)
            inputs = outputs
        layers["average"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
        super().__init__(layers)
        self.features = inputs
        kaiming(self)


def _geometry(index: int, last_kernel: int) -> tuple[int, int, int]:
    """Kernel, stride and padding of a convolution, counted from 1."""
    if index == 1:
        return 5, 2, 2
    return (last_kernel, 1, 0) if index == len(CHANNELS) else (3, 1, 1)
