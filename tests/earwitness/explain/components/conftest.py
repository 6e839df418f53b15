"""Models that are all ear: what they hear is what they answer."""

import pytest
import torch
from torch import Tensor, nn

from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram

RATE = 1000


@pytest.fixture
def ear() -> AudioModel:
    """A model without a front end, for waves at 1000 Hz."""
    return AudioModel(nn.Flatten(), classes=["one", "two"], rate=RATE)


@pytest.fixture
def eye() -> AudioModel:
    """A model that sees a spectrogram in dB, `(batch, 1, 11, 19)` of 200 samples at 1000 Hz."""
    frontend = DecibelSpectrogram(window_length=20, hop=10, bins=11, dropped_frames=(1, 1))
    return AudioModel(nn.Flatten(), classes=["one", "two"], rate=RATE, frontend=frontend)


@pytest.fixture
def wave() -> Tensor:
    """Noise, `(200,)`."""
    return torch.randn(200, generator=torch.Generator().manual_seed(3))
