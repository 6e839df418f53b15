"""SampleCNN (Lee et al. 2017): eleven convolutions over 3.7 s of raw samples."""

from itertools import pairwise

from torch import Tensor, nn

from earwitness.models.taggers.layers import Convolved1d

CHANNELS = (128, 128, 128, 256, 256, 256, 256, 256, 256, 512)


class SampleCNN(nn.Module):
    """Waves `(batch, 59049)` at 16 kHz -> logits `(batch, tags)`.

    Its first five layers hear 30 ms at a time (see `earwitness.explain.local`).
    """

    stride = 3**5
    reach = 3 + 9 + 27 + 81

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
        return self.rest(self.local(waves))

    def local(self, waves: Tensor) -> Tensor:
        """What the first five layers make of a batch, `(batch, features, steps)`."""
        return self._through(waves.unsqueeze(1), 1, 6)

    def rest(self, features: Tensor) -> Tensor:
        """Logits of what `local` returns."""
        hidden = self._through(features, 6, len(CHANNELS) + 2)
        logits: Tensor = self.dense(self.dropout(self.flatten(hidden)))
        return logits

    def _through(self, hidden: Tensor, first: int, end: int) -> Tensor:
        """Through the layers from number `first` to before `end`."""
        for index in range(first, end):
            hidden = getattr(self, f"layer{index}")(hidden)
        return hidden
