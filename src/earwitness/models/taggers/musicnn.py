"""MusiCNN (Pons et al. 2018): filters shaped like timbres and rhythms, over three seconds."""

import torch
from torch import Tensor, nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved1d

BANDS = 96
TIMBRES = (67, 38)
"""Heights of the upright filters: seven and four tenths of the bands."""
REACH = 3
"""Frames before and after in the receptive field of an upright filter."""
RHYTHMS = (129, 65, 33)
"""Lengths of the lying filters, in frames."""


class Timbre(nn.Module):
    """Upright filters, and the highest answer over all bands."""

    def __init__(self, outputs: int, height: int) -> None:
        """`height` in bands."""
        super().__init__()
        self.conv = nn.Conv2d(1, outputs, (height, 2 * REACH + 1))
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d((BANDS - height + 1, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, 1, 96, frames + 2 * REACH)` -> `(batch, outputs, frames)`."""
        pooled: Tensor = self.relu(self.pool(self.bn(self.conv(inputs))))
        return pooled.squeeze(2)


class Rhythm(nn.Module):
    """Filters over the mean of all bands."""

    def __init__(self, outputs: int, length: int) -> None:
        """`length` in frames."""
        super().__init__()
        self.conv = nn.Conv1d(1, outputs, length, padding=length // 2)
        self.bn = nn.BatchNorm1d(outputs)
        self.relu = nn.ReLU()

    def forward(self, means: Tensor) -> Tensor:
        """`(batch, 1, frames)` -> `(batch, outputs, frames)`."""
        convolved: Tensor = self.relu(self.bn(self.conv(means)))
        return convolved


class MusiCNN(nn.Module):
    """Mel spectrograms `(batch, 1, 96, frames)` of 48,000 samples -> logits `(batch, tags)`.

    Its upright filters have a receptive field of a tenth of a second (see `explain.early_layers`).
    """

    def __init__(self, classes: int = 50, width: float = 1.0) -> None:
        """Draw the layers; `width` scales how many filters there are."""
        super().__init__()
        timbres, rhythms, middle, dense = (round(n * width) for n in (204, 51, 64, 200))
        filters = 2 * timbres + 3 * rhythms
        self.spec_bn = nn.BatchNorm2d(1)
        upright = [Timbre(timbres, height) for height in TIMBRES]
        lying = [Rhythm(rhythms, length) for length in RHYTHMS]
        self.layers = nn.ModuleList([*upright, *lying])
        self.layer1 = Convolved1d(filters, middle, kernel=7)
        self.layer2 = Convolved1d(middle, middle, kernel=7)
        self.layer3 = Convolved1d(middle, middle, kernel=7)
        self.dense1 = nn.Linear(2 * (filters + 3 * middle), dense)
        self.bn = nn.BatchNorm1d(dense)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.5)
        self.dense2 = nn.Linear(dense, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of a batch."""
        return self.rest(through(self.stages, inputs))

    @property
    def stages(self) -> list[Stage]:
        """The first layers."""
        normalised = Stage(self.spec_bn, stride=1, reach=0, kept=False)
        return [normalised, Stage(self._upright, stride=1, reach=REACH)]

    def _upright(self, spectrogram: Tensor) -> Tensor:
        """The mean of all bands and what the upright filters find, `(batch, features, frames)`."""
        means = spectrogram[..., REACH:-REACH].mean(2)
        features = [layer(spectrogram) for layer in self.layers[: len(TIMBRES)]]
        return torch.cat([means, *features], dim=1)

    def rest(self, features: Tensor) -> Tensor:
        """Logits `(batch, tags)` from the stages' features `(batch, ..., steps)`."""
        means, upright = features[:, :1], features[:, 1:]
        lying = [layer(means) for layer in self.layers[len(TIMBRES) :]]
        front = torch.cat([upright, *lying], dim=1)
        first = self.layer1(front)
        second = self.layer2(first) + first
        third = self.layer3(second) + second
        steps = torch.cat([front, first, second, third], dim=1)
        pooled = torch.cat([steps.amax(2), steps.mean(2)], dim=1)
        logits: Tensor = self.dense2(self.dropout(self.relu(self.bn(self.dense1(pooled)))))
        return logits
