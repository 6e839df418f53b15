"""Bands of frequency, against librosa's transform and against planted tones."""

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor

from earwitness.explain.components import BandsXSegments, FrequencyBands
from earwitness.explain.model import AudioModel

RATE = 1000


def by_librosa(wave: Tensor, mask: np.ndarray, n_fft: int) -> np.ndarray:
    """SLIME's rendering: magnitude of each cell, `mask` `(bands, segments)`, with its phase."""
    settings = {"hop_length": n_fft // 4, "window": "hann"}
    spectrum = librosa.stft(wave.numpy(), n_fft=n_fft, pad_mode="constant", **settings)
    magnitude, phase = librosa.magphase(spectrum)
    bins, frames = spectrum.shape
    for row in range(bins):
        for column in range(frames):
            band, segment = row * mask.shape[0] // bins, column * mask.shape[1] // frames
            magnitude[row, column] *= mask[band, segment]
    return librosa.istft(magnitude * phase, n_fft=n_fft, length=len(wave), **settings)


@pytest.mark.parametrize("samples", [64, 199, 200])
def test_equals_librosa(samples: int, ear: AudioModel, wave: Tensor) -> None:
    """Any choice of cells, for lengths that are whole hops and others."""
    components = BandsXSegments(3, 4, n_fft=32)(ear, wave[:samples])
    masks = torch.rand(5, 12, generator=torch.Generator().manual_seed(1)) > 0.5
    rendered = components.render(masks)
    for mask, found in zip(masks, rendered, strict=True):
        expected = by_librosa(wave[:samples], mask.reshape(3, 4).numpy(), n_fft=32)
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("samples", [1, 5, 63, 64, 1001])
def test_everything_on_gives_any_length_back(samples: int, ear: AudioModel) -> None:
    """Shorter than a frame, longer, not a whole number of hops: the ends too."""
    wave = torch.randn(samples)
    rendered = FrequencyBands(3, n_fft=64)(ear, wave).render(torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(rendered[0], wave, rtol=0, atol=2e-6)


def test_a_tone_is_in_its_band(ear: AudioModel) -> None:
    """Of tones at 60 and 440 Hz, each goes with the band whose middle is nearest, in place."""
    time = torch.arange(RATE) / RATE
    low, high = (torch.sin(2 * torch.pi * frequency * time) for frequency in (60, 440))
    components = FrequencyBands(4, n_fft=128)(ear, low + high)
    (axis,) = components.axes
    assert (axis.name, axis.unit) == ("frequency", "Hz")
    assert axis.values.tolist() == [62.5, 187.5, 312.5, 437.5]
    rendered = components.render(torch.eye(4) > 0)[:, 128:-128]
    torch.testing.assert_close(rendered[0], low[128:-128], rtol=0, atol=0.02)
    torch.testing.assert_close(rendered[3], high[128:-128], rtol=0, atol=0.02)
    assert rendered[1:3].abs().max() < 0.02


def test_off_is_the_same_band_of_another_wave(ear: AudioModel, wave: Tensor) -> None:
    """A band that is off contains the other wave in that band alone."""
    other = wave.flip(0)
    bands = FrequencyBands(2, n_fft=32)
    lower, upper = torch.tensor([[True, False]]), torch.tensor([[False, True]])
    rendered = FrequencyBands(2, n_fft=32, fill=other)(ear, wave).render(lower)
    expected = bands(ear, wave).render(lower) + bands(ear, other).render(upper)
    torch.testing.assert_close(rendered, expected, rtol=0, atol=2e-6)


def test_cells_are_bands_by_segments(ear: AudioModel, wave: Tensor) -> None:
    """All segments of the lowest band first; time in s."""
    components = BandsXSegments(2, 4, n_fft=32)(ear, wave)
    frequency, time = components.axes
    assert frequency.values.tolist() == [125, 375]
    assert time.values.tolist() == pytest.approx([0.025, 0.075, 0.125, 0.175])
    late = components.render(torch.tensor([[False, False, False, True] * 2]))[0]
    assert late[:130].abs().max() < 1e-6
    torch.testing.assert_close(late[170:], wave[170:], rtol=0, atol=2e-6)
