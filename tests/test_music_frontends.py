import librosa
import numpy as np
import pytest
import torch

from earwitness.music_frontends import LogFrequencySpectrogram, band_bins

RATE = 22050


@pytest.fixture(scope="module")
def frontend() -> LogFrequencySpectrogram:
    return LogFrequencySpectrogram()


def sine(hertz: float, seconds: float = 1.0) -> torch.Tensor:
    return torch.sin(2 * torch.pi * hertz * torch.arange(round(seconds * RATE)) / RATE)[None]


def test_ten_seconds_are_as_published(frontend: LogFrequencySpectrogram) -> None:
    """149 bands and 313 frames, 31.3 a second."""
    found = frontend(torch.randn(2, 10 * RATE))
    assert found.shape == (2, 1, 149, 313)
    times = frontend.times(313, RATE)
    assert 1 / float(times[1] - times[0]) == pytest.approx(31.3, abs=0.05)


def test_a_tone_is_in_the_band_with_the_nearest_centre(frontend: LogFrequencySpectrogram) -> None:
    """From the lowest to the highest octave."""
    centres = frontend.frequencies(RATE)
    for hertz in (65.0, 261.6, 1000.0, 4000.0, 9000.0):
        loudest = int(frontend(sine(hertz))[0, 0].mean(1).argmax())
        nearest = int((centres - hertz).abs().argmin())
        assert abs(loudest - nearest) <= 1


def test_magnitudes_are_librosas(frontend: LogFrequencySpectrogram) -> None:
    """Through triangles that are drawn anew between the same bins."""
    wave = torch.randn(1, 40 * 704, generator=torch.Generator().manual_seed(0))
    wave /= wave.abs().max()
    window = np.hanning(2048)
    padded = np.pad(wave[0].numpy(), (0, 2048))
    magnitude = np.abs(
        librosa.stft(padded, n_fft=2048, hop_length=704, window=window, center=False)
    )[:1024, :40]
    bins = band_bins(RATE, 2048, 24, 20.0, 16000.0)
    places = np.arange(1024)
    filters = [
        np.interp(places, bins[i : i + 3], [0, 1, 0], left=0, right=0) for i in range(len(bins) - 2)
    ]
    expected = np.log10(1 + np.stack([each / each.sum() for each in filters]) @ magnitude)
    np.testing.assert_allclose(frontend(wave)[0, 0], expected, atol=2e-4)


def test_bands_are_a_quarter_tone_apart_where_bins_allow_it(
    frontend: LogFrequencySpectrogram,
) -> None:
    """A bin apart below, so that no band is empty; none above half the rate."""
    centres = frontend.frequencies(RATE).double()
    steps = 24 * torch.log2(centres[1:] / centres[:-1])
    assert float((steps[centres[1:] > 2000] - 1).abs().max()) < 0.3
    assert float((centres[1:] - centres[:-1]).min()) == pytest.approx(RATE / 2048, rel=1e-4)
    assert float(centres[-1]) < RATE / 2


def test_gain_does_not_matter(frontend: LogFrequencySpectrogram) -> None:
    wave = sine(440)
    torch.testing.assert_close(frontend(wave), frontend(0.01 * wave))


def test_silence_is_zero_and_stays_finite(frontend: LogFrequencySpectrogram) -> None:
    assert not frontend(torch.zeros(1, RATE)).any()


def test_a_wave_shorter_than_a_frame_is_padded(frontend: LogFrequencySpectrogram) -> None:
    assert frontend(torch.randn(1, 704)).shape == (1, 1, 149, 1)


def test_gradients_flow_to_the_wave(frontend: LogFrequencySpectrogram) -> None:
    wave = torch.randn(1, 4096, requires_grad=True)
    frontend(wave).sum().backward()
    assert wave.grad is not None
    assert wave.grad.isfinite().all()
    assert wave.grad.any()
