"""SampleCNN (Lee et al. 2017): eleven convolutions over 3.7 s of raw samples."""

from itertools import pairwise

from torch import Tensor, nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved1d

CHANNELS = (128, 128, 128, 256, 256, 256, 256, 256, 256, 512)
LOCAL = 5
"""Layers with a short receptive field."""


class SampleCNN(nn.Module):
    """Waves `(batch, 59049)` at 16 kHz -> logits `(batch, tags)`.

    Its first five layers have a receptive field of 30 ms (see `explain.early_layers`).
    """

    def __init__(self, classes: int = 50, width: float = 1.0) -> None:
        """Draw the layers; 59,049 samples are 3 to the tenth power.

        `width` scales how many filters each layer has.
        """
        super().__init__()
        channels = [max(1, round(count * width)) for count in CHANNELS]
        self.layer1 = Convolved1d(1, channels[0], kernel=3, stride=3)
        for index, (inputs, outputs) in enumerate(pairwise(channels), 2):
            setattr(self, f"layer{index}", Convolved1d(inputs, outputs, pooling=3))
        self.layer11 = Convolved1d(channels[-1], channels[-1], kernel=1, stride=1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(channels[-1], classes)

    def forward(self, waves: Tensor) -> Tensor:
        """Logits of a batch."""
        return self.rest(through(self.stages, waves))

    @property
    def stages(self) -> list[Stage]:
        """The first layers, of which the last leaves little enough to keep."""
        channel = Stage(lambda waves: waves.unsqueeze(1), stride=1, reach=0, kept=False)
        layers = [getattr(self, f"layer{index}") for index in range(1, LOCAL + 1)]
        return [channel, *(layer.stage(kept=layer is layers[-1]) for layer in layers)]

    def rest(self, features: Tensor) -> Tensor:
        """Logits `(batch, tags)` from the stages' features `(batch, ..., steps)`."""
        for index in range(LOCAL + 1, len(CHANNELS) + 2):
            features = getattr(self, f"layer{index}")(features)
        logits: Tensor = self.dense(self.dropout(self.flatten(features)))
        return logits
