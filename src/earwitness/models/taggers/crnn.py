"""CRNN (Choi et al. 2017): four convolutions, and two recurrent layers over the steps left."""

from torch import Tensor, nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved2d, stages_of


class CRNN(nn.Module):
    """Mel spectrograms `(batch, 1, 96, frames)` of 464,000 samples -> logits `(batch, tags)`.

    Its first three convolutions have a receptive field of half a second (see
    `earwitness.explain.early_layers`).
    """

    def __init__(self, classes: int = 50) -> None:
        """Draw the layers."""
        super().__init__()
        self.spec_bn = nn.BatchNorm2d(1)
        self.layer1 = Convolved2d(1, 64, (2, 2))
        self.layer2 = Convolved2d(64, 128, (3, 3))
        self.layer3 = Convolved2d(128, 128, (4, 4))
        self.layer4 = Convolved2d(128, 128, (4, 4))
        self.layer5 = nn.GRU(128, 32, num_layers=2, batch_first=True)
        self.dropout = nn.Dropout(0.5)
        self.dense = nn.Linear(32, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of a batch, from the last step."""
        return self.rest(through(self.stages, inputs))

    @property
    def stages(self) -> list[Stage]:
        """The first layers."""
        return stages_of(self.spec_bn, self.layer1, self.layer2, self.layer3)

    def rest(self, features: Tensor) -> Tensor:
        """Logits `(batch, tags)` from the stages' features `(batch, ..., steps)`."""
        hidden = self.layer4(features)
        steps, _ = self.layer5(hidden.flatten(1, 2).transpose(1, 2))
        logits: Tensor = self.dense(self.dropout(steps[:, -1]))
        return logits
