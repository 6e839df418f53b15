import librosa
import numpy as np
import pytest
import torch

from earwitness.sound.frontends.tagging import MelDecibels


def test_mel_decibels_are_librosas() -> None:
    """In HTK's mel scale, without normalising the filters."""
    wave = torch.randn(16000, generator=torch.Generator().manual_seed(0))
    power = librosa.feature.melspectrogram(
        y=wave.numpy(), sr=16000, n_fft=512, hop_length=256, n_mels=96, fmax=8000, htk=True,
        norm=None, pad_mode="reflect",
    )  # fmt: skip
    result = MelDecibels()(wave[None])[0, 0]
    np.testing.assert_allclose(result, 10 * np.log10(np.maximum(power, 1e-10)), atol=2e-3)


def test_mel_bands_say_where_they_are() -> None:
    """A tone is loudest in the band whose centre is nearest."""
    frontend = MelDecibels()
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(16000) / 16000)[None]
    loudest = int(frontend(tone)[0, 0].mean(1).argmax())
    assert abs(loudest - int((frontend.frequencies(16000) - 1000).abs().argmin())) <= 1
    assert float(frontend.times(63, 16000)[-1]) == pytest.approx(62 * 256 / 16000)
