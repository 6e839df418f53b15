"""The network of Rubin et al. (2016) on heat maps of MFCCs of three seconds."""

from torch import nn

from earwitness.models.initialisation import kaiming


class RubinNet(nn.Sequential):
    """Heat maps `(batch, 1, 6, 300)` -> logits `(batch, classes)`; two convolutions, two dense.

    Kernels, pooling and dropout as published (dropout 0.8556 before the softmax layer); 11,520
    numbers reach the first dense layer. The paper does not say which dense layers have dropout:
    both do here.
    """

    def __init__(self, classes: int, dropout: float = 0.85565561) -> None:
        """`dropout` is the share of units of each dense layer that are left out."""
        super().__init__(
            nn.ZeroPad2d((9, 10, 0, 1)),
            nn.Conv2d(1, 64, (2, 20)),
            nn.ReLU(),
            nn.ZeroPad2d((7, 8, 0, 0)),  # 300 frames become 60
            nn.MaxPool2d((1, 20), stride=(1, 5)),
            nn.ZeroPad2d((4, 5, 0, 1)),
            nn.Conv2d(64, 64, (2, 10)),
            nn.ReLU(),
            nn.ZeroPad2d((1, 1, 0, 0)),  # 60 become 30
            nn.MaxPool2d((1, 4), stride=(1, 2)),
            nn.Flatten(),
            nn.Linear(11520, 1024),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(1024, 512),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(512, classes),
        )
        kaiming(self)
