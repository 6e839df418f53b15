import librosa
import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from earwitness.sound.frontends.music import LogFrequencySpectrogram
from tests.checkout import ROOT

RATE = 22050
CONF = ROOT / "conf" / "frontend"


@pytest.fixture(scope="module")
def frontend() -> LogFrequencySpectrogram:
    return LogFrequencySpectrogram()


def sine(hertz: float) -> torch.Tensor:
    """One second of a tone."""
    turns = hertz * torch.arange(RATE, dtype=torch.float64) / RATE
    return torch.sin(2 * torch.pi * turns).float()[None]


def noise(*shape: int) -> torch.Tensor:
    """Waves of white noise, always the same."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_ten_seconds_are_as_published(frontend: LogFrequencySpectrogram) -> None:
    """149 bands and 313 frames, 31.3 a second."""
    result = frontend(noise(2, 10 * RATE))
    assert result.shape == (2, 1, 149, 313)
    times = frontend.times(313, RATE)
    assert 1 / float(times[1] - times[0]) == pytest.approx(31.3, abs=0.05)
    assert float(times[0]) == pytest.approx(1024 / RATE)


def test_a_tone_is_in_the_band_with_the_nearest_centre(frontend: LogFrequencySpectrogram) -> None:
    """At the centre of every band that band is the loudest."""
    centres = frontend.frequencies(RATE)
    tones = torch.cat([sine(float(centre)) for centre in centres])
    loudest = frontend(tones)[:, 0].mean(2).argmax(1)
    assert loudest.tolist() == list(range(149))


def test_a_click_is_in_the_frames_whose_times_surround_it(
    frontend: LogFrequencySpectrogram,
) -> None:
    """No other frame contains it, and the loudest has the nearest time."""
    wave = torch.zeros(1, RATE)
    wave[0, RATE // 2] = 1
    levels = frontend(wave)[0, 0].mean(0)
    away = (frontend.times(len(levels), RATE) - 0.5).abs()
    assert int(levels.argmax()) == int(away.argmin())
    assert (levels > 0).tolist() == (away < 1024 / RATE).tolist()


def test_magnitudes_are_librosas(frontend: LogFrequencySpectrogram) -> None:
    """Through triangles drawn anew, between the bins nearest to quarter tones about 440 Hz."""
    wave = noise(1, 40 * 704)
    wave /= wave.abs().max()
    window = np.hanning(2048)
    padded = np.pad(wave[0].numpy(), (0, 2048))
    magnitude = np.abs(
        librosa.stft(padded, n_fft=2048, hop_length=704, window=window, center=False)
    )[:1024, :40]
    quarter_tones = [440 * 2 ** (step / 24) for step in range(-200, 200)]
    audible = [hertz for hertz in quarter_tones if 20 <= hertz <= 16000]
    bins = sorted({min(round(hertz * 2048 / RATE), 1023) for hertz in audible})
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
    """Each wave is divided by its own peak."""
    wave = sine(440)
    torch.testing.assert_close(frontend(wave), frontend(0.01 * wave))


def test_waves_do_not_influence_each_other(frontend: LogFrequencySpectrogram) -> None:
    """Alone or beside a louder one and silence, a wave is the same."""
    wave = noise(1, 8192)
    batch = torch.cat([100 * wave.flip(1), wave, torch.zeros_like(wave)])
    torch.testing.assert_close(frontend(batch)[1:2], frontend(wave), rtol=0, atol=1e-6)


def test_silence_is_zero_and_stays_finite(frontend: LogFrequencySpectrogram) -> None:
    """A peak of zero does not divide."""
    assert torch.equal(frontend(torch.zeros(1, RATE)), torch.zeros(1, 1, 149, RATE // 704))


def test_a_wave_shorter_than_a_frame_is_padded(frontend: LogFrequencySpectrogram) -> None:
    """And so is the end of every other, to `samples // hop` frames."""
    assert frontend(noise(1, 704)).shape == (1, 1, 149, 1)
    assert frontend(noise(1, 5000)).shape == (1, 1, 149, 7)


def test_gradients_flow_to_the_wave(frontend: LogFrequencySpectrogram) -> None:
    """Finite everywhere, and to every sample that a frame holds."""
    wave = noise(1, 4 * 704).requires_grad_()
    frontend(wave).sum().backward()
    assert wave.grad is not None
    assert wave.grad.isfinite().all()
    assert wave.grad[0, 1:].all()


def test_shipped_settings_are_the_defaults(frontend: LogFrequencySpectrogram) -> None:
    """`conf/frontend/log_frequency.yaml` makes the front end that is tested here."""
    wave = noise(1, 4096)
    shipped = instantiate(OmegaConf.load(CONF / "log_frequency.yaml"))
    assert torch.equal(shipped(wave), frontend(wave))


def test_features_are_rows_of_one_frame() -> None:
    """`conf/frontend/features.yaml` changes no value."""
    features = noise(3, 25)
    result = instantiate(OmegaConf.load(CONF / "features.yaml"))(features)
    assert torch.equal(result, features[:, :, None])
