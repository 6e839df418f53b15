"""SampleCNN (Lee et al. 2017): eleven convolutions over 3.7 s of raw samples."""

from itertools import pairwise

from torch import Tensor, nn

from earwitness.models.taggers.layers import Convolved1d

CHANNELS = (128, 128, 128, 256, 256, 256, 256, 256, 256, 512)


class SampleCNN(nn.Module):
    """Waves `(batch, 59049)` at 16 kHz -> logits `(batch, tags)`."""

    def __init__(self, classes: int = 50) -> None:
        """Draw the layers; 59,049 samples are 3 to the tenth power."""
        super().__init__()
        self.layer1 = Convolved1d(1, CHANNELS[0], kernel=3, stride=3)
        for index, (inputs, outputs) in enumerate(pairwise(CHANNELS), 2):
            setattr(self, f"layer{index}", Convolved1d(inputs, outputs, pooling=3))
        self.layer11 = Convolved1d(CHANNELS[-1], CHANNELS[-1], kernel=1, stride=1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(CHANNELS[-1], classes)

    def forward(self, waves: Tensor) -> Tensor:
        """Logits of a batch."""
        hidden = waves.unsqueeze(1)
        for index in range(1, len(CHANNELS) + 2):
            hidden = getattr(self, f"layer{index}")(hidden)
        logits: Tensor = self.dense(self.dropout(self.flatten(hidden)))
        return logits
