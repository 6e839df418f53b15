"""FCN (Choi et al. 2016): five convolutions that leave one cell of 29 s of music."""

from torch import Tensor, nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved2d, stages_of


class FCN(nn.Module):
    """Mel spectrograms `(batch, 1, 96, frames)` of 464,000 samples -> logits `(batch, tags)`.

    Its first three convolutions have a receptive field of a second (see `explain.early_layers`).
    """

    def __init__(self, classes: int = 50) -> None:
        """Draw the layers."""
        super().__init__()
        self.spec_bn = nn.BatchNorm2d(1)
        self.layer1 = Convolved2d(1, 64, (2, 4))
        self.layer2 = Convolved2d(64, 128, (2, 4))
        self.layer3 = Convolved2d(128, 128, (2, 4))
        self.layer4 = Convolved2d(128, 128, (3, 5))
        self.layer5 = Convolved2d(128, 64, (4, 4))
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(64, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of a batch."""
        return self.rest(through(self.stages, inputs))

    @property
    def stages(self) -> list[Stage]:
        """The first layers."""
        return stages_of(self.spec_bn, self.layer1, self.layer2, self.layer3)

    def rest(self, features: Tensor) -> Tensor:
        """Logits `(batch, tags)` from the stages' features `(batch, ..., steps)`."""
        hidden = self.layer5(self.layer4(features))
        logits: Tensor = self.dense(self.dropout(self.flatten(hidden)))
        return logits
