"""What the taggers are built of: convolution, batch normalisation, ReLU and pooling."""

from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.models.stages import Stage


class Convolved2d(nn.Module):
    """A 3 x 3 convolution over frequency and time, and maxima over cells of `pooling`."""

    def __init__(self, inputs: int, outputs: int, pooling: tuple[int, int]) -> None:
        """Draw the layer."""
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=(1, 0))
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(pooling)
        self.stride = pooling[1]

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, inputs, rows, frames)` -> `(batch, outputs, fewer rows, fewer frames)`."""
        return self.between(F.pad(inputs, (1, 1)))

    def between(self, inputs: Tensor) -> Tensor:
        """`forward` of `(batch, inputs, rows, frames + 2)`, padded by a frame at each end."""
        # Pooled before, not after: the maximum of what is above zero is the same, of fewer values.
        pooled: Tensor = self.relu(self.pool(self.bn(self.conv(inputs))))
        return pooled

    def stage(self, kept: bool = True) -> Stage:
        """The layer as a stage."""
        return Stage(self.between, self.stride, reach=1, kept=kept)


def stages_of(normalisation: nn.Module, first: Convolved2d, *others: Convolved2d) -> list[Stage]:
    """A normalisation of each cell and the convolutions behind it, as stages.

    The first convolution costs less than keeping what it finds.
    """
    normalised = Stage(normalisation, stride=1, reach=0, kept=False)
    return [normalised, first.stage(kept=False), *(layer.stage() for layer in others)]


class Convolved1d(nn.Module):
    """A convolution over time, and maxima over `pooling` steps."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, pooling: int = 1
    ) -> None:
        """Draw the layer; it is padded unless it strides over its whole kernel."""
        super().__init__()
        self.reach = 0 if stride == kernel else kernel // 2
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride)
        self.bn = nn.BatchNorm1d(outputs)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool1d(pooling) if pooling > 1 else nn.Identity()
        self.stride = stride * pooling

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, inputs, steps)` -> `(batch, outputs, fewer steps)`."""
        return self.between(F.pad(inputs, (self.reach, self.reach)))

    def between(self, inputs: Tensor) -> Tensor:
        """`forward` of inputs `(batch, inputs, steps + 2 * reach)`, padded at both ends."""
        # Pooled before, not after: the maximum of what is above zero is the same, of fewer values.
        pooled: Tensor = self.relu(self.pool(self.bn(self.conv(inputs))))
        return pooled

    def stage(self, kept: bool = True) -> Stage:
        """The layer as a stage."""
        return Stage(self.between, self.stride, self.reach, kept)
