"""Small networks with every kind of layer that the papers' networks have."""

import pytest
import torch
from torch import Tensor, nn

CLASSES = 3


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(7)


@pytest.fixture
def waveform_net() -> nn.Sequential:
    """AudioNet's shape, narrow: six convolutions with pooling, three dense layers; (b, 1, 97)."""
    layers: list[nn.Module] = []
    for inputs, outputs, window in (
        (1, 5, 3),
        (5, 4, 2),
        (4, 6, 2),
        (6, 6, 2),
        (6, 6, 2),
        (6, 6, 2),
    ):
        layers.append(nn.Conv1d(inputs, outputs, 3, padding=1))
        layers += [nn.ReLU(), nn.MaxPool1d(window, stride=2, ceil_mode=True)]
    dense = [nn.Flatten(), nn.Linear(12, 8), nn.Dropout(), nn.Linear(8, 7), nn.Linear(7, CLASSES)]
    return nn.Sequential(*layers, *dense).double().eval()


@pytest.fixture
def image_net() -> nn.Sequential:
    """AlexNet's shape, narrow: stride, groups, dilation, in-place ReLU, average; (b, 2, 31, 31)."""
    return (
        nn.Sequential(
            nn.Sequential(nn.Conv2d(2, 6, 5, stride=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
            nn.Sequential(nn.Conv2d(6, 8, 3, padding="same", groups=2), nn.ReLU(inplace=True)),
            nn.Sequential(nn.Conv2d(8, 6, 3, padding=2, dilation=2), nn.ReLU(), nn.AvgPool2d(2)),
            nn.AdaptiveAvgPool2d(2),
            nn.Sequential(nn.Flatten(), nn.Linear(24, 10), nn.ReLU(), nn.Linear(10, CLASSES)),
        )
        .double()
        .eval()
    )


@pytest.fixture
def waves() -> Tensor:
    """Three waveforms `(3, 1, 97)`."""
    return torch.randn(3, 1, 97, dtype=torch.float64)


@pytest.fixture
def images() -> Tensor:
    """Three pictures `(3, 2, 31, 31)`."""
    return torch.randn(3, 2, 31, 31, dtype=torch.float64)


@pytest.fixture
def target() -> Tensor:
    """A class for each of three items."""
    return torch.tensor([2, 0, 1])
