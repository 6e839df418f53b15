import librosa
import numpy as np
import torch

from earwitness.models.separation.harmonic_percussive import HarmonicPercussive

RATE = 16000


def test_harmonic_and_percussive_are_librosas() -> None:
    """What sounds and what strikes; the residual is the rest."""
    clicks = torch.zeros(RATE)
    clicks[::4000] = 0.9
    wave = tone() + clicks
    harmonic, percussive, residual = HarmonicPercussive(margin=2.0)(wave, RATE)
    torch.testing.assert_close(harmonic + percussive + residual, wave)
    expected = librosa.effects.hpss(wave.numpy(), margin=2.0)
    np.testing.assert_allclose(harmonic, expected[0], atol=1e-5)
    np.testing.assert_allclose(percussive, expected[1], atol=1e-5)
    assert float(harmonic @ tone()) > 0.9 * float(tone() @ tone())


def test_keys_are_those_of_settings() -> None:
    """Equal settings give equal keys, another margin another."""
    assert HarmonicPercussive().key == HarmonicPercussive().key
    assert HarmonicPercussive().key != HarmonicPercussive(margin=3.0).key


def tone() -> torch.Tensor:
    """One second of 440 Hz, `(samples,)`."""
    return 0.3 * torch.sin(2 * torch.pi * 440 * torch.arange(RATE) / RATE)
