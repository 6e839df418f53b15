"""FCN (Choi et al. 2016): five convolutions that leave one cell of 29 s of music."""

from torch import Tensor, nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved2d


class FCN(nn.Module):
    """Mel spectrograms `(batch, 1, 96, frames)` of 464,000 samples -> logits `(batch, tags)`.

    Its first three convolutions hear a second at a time (see `earwitness.explain.local`).
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
        normalised = Stage(self.spec_bn, stride=1, reach=0, kept=False)
        # The first layer costs less than keeping what it finds.
        first = self.layer1.stage(kept=False)
        return [normalised, first, self.layer2.stage(), self.layer3.stage()]

    def rest(self, features: Tensor) -> Tensor:
        """Logits of what the stages find."""
        hidden = self.layer5(self.layer4(features))
        logits: Tensor = self.dense(self.dropout(self.flatten(hidden)))
        return logits
