"""StateSegmenter: a small U-Net over the frames of a heart sound. Ours."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Colouring(nn.Module):
    """Raises or lowers each band of each clip at random in training, as another stethoscope would.

    Shapes: `(batch, bands, frames)` -> the same; what is added has a standard deviation of
    `spread`.
    """

    def __init__(self, spread: float) -> None:
        """`spread` in the unit of the levels, the natural logarithm of an energy."""
        super().__init__()
        self.spread = spread

    def forward(self, levels: Tensor) -> Tensor:
        """Colour a batch of log-mel levels; nothing is done outside of training."""
        if not self.training:
            return levels
        return levels + self.spread * torch.randn_like(levels[:, :, :1])


class StateSegmenter(nn.Module):
    """Levels `(batch, bands, frames)` -> logits `(batch, classes, frames)`, of any length.

    Each level of the way down halves the frames (maximum), each of the way up doubles them and
    joins what the way down had there.
    """

    def __init__(
        self,
        classes: int,
        bands: int = 32,
        widths: Sequence[int] = (48, 72, 96, 96),
        kernel: int = 5,
        colouring: float = 0.5,
    ) -> None:
        """`widths` are the channels of each level, the finest first."""
        super().__init__()
        self.colouring = Colouring(colouring)
        self.down = nn.ModuleList(_block(*ends, kernel) for ends in pairwise((bands, *widths)))
        upwards = [(deep + fine, fine) for fine, deep in pairwise(widths)]
        self.up = nn.ModuleList(_block(*ends, kernel) for ends in reversed(upwards))
        self.head = nn.Conv1d(widths[0], classes, 1)

    def forward(self, levels: Tensor) -> Tensor:
        """Logits of each frame; frames that fill up the coarsest level are cut off again."""
        frames = levels.shape[-1]
        missing = -frames % 2 ** (len(self.down) - 1)
        features = self.down[0](F.pad(self.colouring(levels), (0, missing)))
        passed = []
        for block in self.down[1:]:
            passed.append(features)
            features = block(F.max_pool1d(features, 2))
        for block in self.up:
            features = torch.cat([F.interpolate(features, scale_factor=2), passed.pop()], dim=1)
            features = block(features)
        return self.head(features)[..., :frames]


def _block(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Convolution that keeps the frames, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2),
        nn.BatchNorm1d(outputs),
        nn.ReLU(),
    )
