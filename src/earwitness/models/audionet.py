"""AudioNet: six convolutions on the raw waveform (Becker et al., released network definition)."""

from collections import OrderedDict
from itertools import pairwise

from torch import nn

from earwitness.models.initialisation import DENSE_OR_CONVOLUTION, gaussian, kaiming

CHANNELS = (1, 100, 64, 128, 128, 128, 128)


class AudioNet(nn.Sequential):
    """Waveform `(batch, 1, 8000)` -> logits `(batch, classes)`.

    The released definition is odd in two places, and both are kept by default: the first
    pooling has a window of 3 where the others have 2, and no non-linearity follows the two
    hidden dense layers, so they and the output are one linear map. Pooling rounds up, as the
    framework of the release does.
    """

    def __init__(
        self,
        classes: int,
        dense_relu: bool = False,
        first_pool: int = 3,
        released_initialisation: bool = False,
    ) -> None:
        """`dense_relu=True` and `first_pool=2` give the network one would expect.

        `released_initialisation` draws every weight from a Gaussian of 0.1 as the release does;
        otherwise He initialisation, which trains in far fewer iterations.
        """
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for index, (inputs, outputs) in enumerate(pairwise(CHANNELS), start=1):
            layers[f"conv{index}"] = nn.Conv1d(inputs, outputs, kernel_size=3, padding=1)
            layers[f"relu{index}"] = nn.ReLU()
            window = first_pool if index == 1 else 2
            layers[f"pool{index}"] = nn.MaxPool1d(window, stride=2, ceil_mode=True)
        layers["flatten"] = nn.Flatten()
        for index, (inputs, outputs) in enumerate(pairwise((16_000, 1024, 512)), start=7):
            layers[f"fc{index}"] = nn.Linear(inputs, outputs)
            if dense_relu:
                layers[f"relu{index}"] = nn.ReLU()
            layers[f"drop{index}"] = nn.Dropout(0.5)
        layers["fc9"] = nn.Linear(512, classes)
        super().__init__(layers)
        self._initialise() if released_initialisation else kaiming(self)

    def _initialise(self) -> None:
        for layer in self:
            if isinstance(layer, DENSE_OR_CONVOLUTION):
                gaussian(layer, std=0.1)
