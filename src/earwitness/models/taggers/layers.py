"""What the taggers are built of: convolution, batch normalisation, ReLU and pooling."""

from torch import Tensor, nn


class Convolved2d(nn.Module):
    """A 3 x 3 convolution over frequency and time, and maxima over cells of `pooling`."""

    def __init__(self, inputs: int, outputs: int, pooling: tuple[int, int]) -> None:
        """Draw the layer."""
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(pooling)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, inputs, rows, frames)` -> `(batch, outputs, fewer rows, fewer frames)`."""
        pooled: Tensor = self.pool(self.relu(self.bn(self.conv(inputs))))
        return pooled


class Convolved1d(nn.Module):
    """A convolution over time, and maxima over `pooling` steps."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, pooling: int = 1
    ) -> None:
        """Draw the layer; it is padded unless it strides over its whole kernel."""
        super().__init__()
        padding = 0 if stride == kernel else kernel // 2
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, padding)
        self.bn = nn.BatchNorm1d(outputs)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool1d(pooling) if pooling > 1 else nn.Identity()

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, inputs, steps)` -> `(batch, outputs, fewer steps)`."""
        pooled: Tensor = self.pool(self.relu(self.bn(self.conv(inputs))))
        return pooled
