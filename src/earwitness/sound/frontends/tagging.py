"""From music to network input: the mel spectrogram of music tagging."""

import math

import torch
from torch import Tensor, nn
from torchaudio.transforms import AmplitudeToDB, MelSpectrogram


class MelDecibels(nn.Module):
    """A mel spectrogram in dB, the input of the taggers of Won et al. (2020): 96 bands to 8 kHz.

    Shapes: waves `(batch, samples)` -> `(batch, 1, bands, frames)`: 10 log10 of the power, floored
    at -100 dB. A frame every `frame / 2` samples, the first one centred at 0 s.

    Attributes:
        hop: from one frame to the next, in samples.
        reach: samples of a frame to either side of its centre.
    """

    centres: Tensor

    def __init__(
        self, rate: int = 16000, frame: int = 512, bands: int = 96, highest_hz: float = 8000.0
    ) -> None:
        """`frame` in samples at `rate` Hz."""
        super().__init__()
        self.mel = MelSpectrogram(rate, n_fft=frame, f_min=0.0, f_max=highest_hz, n_mels=bands)
        self.decibels = AmplitudeToDB()
        self.hop = frame // 2
        self.reach = frame // 2
        ends = torch.linspace(0, 2595 * math.log10(1 + highest_hz / 700), bands + 2)
        self.register_buffer("centres", 700 * (10 ** (ends[1:-1] / 2595) - 1), persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        """Levels `(batch, 1, bands, frames)` in dB of waves `(batch, samples)`."""
        levels: Tensor = self.decibels(self.mel(waves))
        return levels.unsqueeze(1)

    def frequencies(self, _: int) -> Tensor:
        """Centre frequencies `(bands,)`, in Hz."""
        return self.centres

    def times(self, frames: int, rate: int) -> Tensor:
        """Centre of each of `frames` frames, in s, for waves at `rate` Hz."""
        return torch.arange(frames) * self.hop / rate
