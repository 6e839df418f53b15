"""The network of Potes et al. (2016) on four frequency bands of a cardiac cycle."""

from torch import nn

from earwitness.models.initialisation import kaiming

BANDS = 4


class PotesNet(nn.Sequential):
    """Bands `(batch, 4, 2500)` -> logits `(batch, classes)`.

    Each band has two convolutions of its own (8 and 4 kernels of 5, pooled by 2, dropout 0.25);
    20 hidden units see all of them (dropout 0.5). The published network ends in one sigmoid, this
    one in two logits, which is the same for two classes.
    """

    def __init__(self, classes: int) -> None:
        """Draw the weights."""
        super().__init__(
            nn.Conv1d(BANDS, 8 * BANDS, 5, groups=BANDS),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(8 * BANDS, 4 * BANDS, 5, groups=BANDS),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(4 * BANDS * 622, 20),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(20, classes),
        )
        kaiming(self)
