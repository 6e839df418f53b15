"""Masks on the short-time spectrum: what they pass and what they remove."""

import torch
from torch import Tensor

from earwitness.present.spectral_mask import apply_spectral_mask

RATE = 8000


def tone(frequency: float, samples: int = RATE) -> Tensor:
    """A sine of `frequency` Hz, peak 0.4, `(samples,)`."""
    return 0.4 * torch.sin(2 * torch.pi * frequency * torch.arange(samples) / RATE)


def level(wave: Tensor, frequency: float) -> float:
    """Amplitude of `frequency` Hz in one second of sound."""
    return (torch.fft.rfft(wave)[int(frequency)].abs() * 2 / len(wave)).item()


def test_full_mask_gives_the_wave_back() -> None:
    """Any length; the ends too."""
    for samples in (1, 100, 1000, 1001):
        wave = torch.randn(samples).clamp(-1, 1)
        played = apply_spectral_mask(wave, torch.ones(129, samples // 64 + 1), n_fft=256, hop=64)
        torch.testing.assert_close(played, wave, rtol=0, atol=1e-5)


def test_mask_keeps_one_of_two_tones() -> None:
    """The lower half of the spectrum keeps the low tone, in phase, and drops the high one."""
    wave = tone(500) + tone(3000)
    mask = torch.zeros(129, 126)
    mask[:64] = 1
    played = apply_spectral_mask(wave, mask, n_fft=256, hop=64)
    assert level(played, 3000) < 0.001
    torch.testing.assert_close(played[256:-256], tone(500)[256:-256], rtol=0, atol=0.01)


def test_mask_keeps_one_half_of_the_time() -> None:
    """Frames that are masked out are silent."""
    mask = torch.ones(129, 126)
    mask[:, 63:] = 0
    played = apply_spectral_mask(tone(500), mask, n_fft=256, hop=64)
    assert played[: RATE // 2 - 256].abs().max() > 0.39
    assert played[RATE // 2 + 256 :].abs().max() < 1e-6
