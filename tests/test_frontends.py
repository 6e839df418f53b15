import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import stft

from earwitness.frontends import DecibelSpectrogram, Waveform

RATE = 8000


def recording(seed: int, padded: bool = True) -> np.ndarray:
    """One second with noise, a tone or a decaying click somewhere in it, at some level."""
    random = np.random.default_rng(seed)
    frames = int(random.integers(1000, RATE)) if padded else RATE
    offset = int(random.integers(0, RATE + 1 - frames))
    time = np.arange(frames) / RATE
    sound = {
        0: random.standard_normal(frames),
        1: np.sin(2 * np.pi * random.uniform(50, 3900) * time),
        2: random.standard_normal(frames) * np.exp(-time / 0.02),
    }[seed % 3]
    wave = np.zeros(RATE, dtype=np.float32)
    wave[offset : offset + frames] = sound * 10 ** random.uniform(-3, 0)
    return wave


def released(wave: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spectrogram, frequencies and times as the released `preprocess_data.py` makes them."""
    frequencies, times, spectrum = stft(
        wave.astype(np.float64), fs=RATE, nperseg=455, noverlap=420, window="hann"
    )
    assert spectrum.shape == (228, 230)
    amplitude = np.abs(spectrum[0:227, 2:-1])
    return librosa.amplitude_to_db(amplitude, ref=np.max), frequencies[0:227], times[2:-1]


def spectrogram(wave: np.ndarray) -> np.ndarray:
    return DecibelSpectrogram()(torch.from_numpy(wave)[None])[0, 0].numpy()


def exact() -> DecibelSpectrogram:
    """The front end in double precision, its window too."""
    frontend = DecibelSpectrogram()
    frontend.window = torch.hann_window(455, dtype=torch.float64)
    return frontend


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("seed", range(9))
def test_a_spectrogram_is_the_released_one(seed: int, padded: bool) -> None:
    wave = recording(seed, padded)
    ours, theirs = spectrogram(wave), released(wave)[0]
    assert ours.shape == theirs.shape == (227, 227)
    loud = theirs > -60
    assert np.abs(ours - theirs)[loud].max() < 1e-3
    assert np.abs(ours - theirs).max() < 1e-2  # of a tone, near -80 dB, where float32 ends


@given(seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=20)
def test_a_spectrogram_in_double_precision_is_exactly_the_released_one(seed: int) -> None:
    wave = recording(seed)
    ours = exact()(torch.from_numpy(wave).double()[None])[0, 0].numpy()
    np.testing.assert_allclose(ours, released(wave)[0], atol=1e-9)


def test_the_complex_spectrum_is_scaled_as_scipy_does() -> None:
    wave = recording(0)
    ours = exact().stft(torch.from_numpy(wave).double()[None])[0].numpy()
    theirs = stft(wave.astype(np.float64), fs=RATE, nperseg=455, noverlap=420, window="hann")[2]
    np.testing.assert_allclose(ours, theirs[0:227, 2:-1], atol=1e-12)


@pytest.mark.parametrize(
    ("samples", "window", "hop"), [(8000, 455, 35), (1001, 64, 16), (90, 9, 4)]
)
def test_other_windows_end_as_scipy_ends_them(samples: int, window: int, hop: int) -> None:
    wave = recording(0, padded=False)[:samples]
    frontend = DecibelSpectrogram(window, hop, bins=window // 2, dropped_frames=(0, 0))
    theirs = stft(wave, fs=RATE, nperseg=window, noverlap=window - hop)[2][: window // 2]
    ours = frontend.stft(torch.from_numpy(wave)[None])[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_axes_of_a_spectrogram_are_those_of_scipy() -> None:
    _, frequencies, times = released(recording(0))
    frontend = DecibelSpectrogram()
    np.testing.assert_allclose(frontend.frequencies(RATE), frequencies, atol=1e-3)
    np.testing.assert_allclose(frontend.times(227, RATE), times, atol=1e-6)


def test_a_click_in_a_tone_is_where_the_axes_say() -> None:
    wave = np.zeros(RATE, dtype=np.float32)
    wave[4000 - 40 : 4000 + 40] = np.sin(2 * np.pi * 1000 * np.arange(80) / RATE)
    bin_, frame = np.unravel_index(spectrogram(wave).argmax(), (227, 227))
    assert DecibelSpectrogram().frequencies(RATE)[bin_] == pytest.approx(1000, abs=20)
    assert DecibelSpectrogram().times(227, RATE)[frame] == pytest.approx(0.5, abs=0.005)


def test_offset_and_scale_apply_to_the_decibels() -> None:
    wave = recording(0)
    scaled = DecibelSpectrogram(offset=40.0, scale=0.025)(torch.from_numpy(wave)[None])[0, 0]
    np.testing.assert_allclose(scaled, (spectrogram(wave) + 40) * 0.025, atol=1e-6)
    assert scaled.max() == 1


def test_the_floor_is_where_it_is_asked_for() -> None:
    frontend = DecibelSpectrogram(floor_db=-30.0)
    ours = frontend(torch.from_numpy(recording(0))[None])[0, 0]
    np.testing.assert_allclose(ours, spectrogram(recording(0)).clip(min=-30))
    assert ours.min() == -30


@pytest.mark.parametrize("seed", range(6))
def test_a_wave_is_divided_by_its_signed_percentile(seed: int) -> None:
    wave = recording(seed)
    theirs = wave / (np.percentile(wave, 95) + 0.001)
    ours = Waveform()(torch.from_numpy(wave)[None])
    assert ours.shape == (1, 1, RATE)
    np.testing.assert_allclose(ours[0, 0], theirs, rtol=1e-4, atol=1e-5)


def test_the_percentile_is_not_that_of_the_magnitude() -> None:
    wave = -np.abs(recording(0, padded=False))
    theirs = wave / (np.percentile(wave, 95) + 0.001)
    np.testing.assert_allclose(Waveform()(torch.from_numpy(wave)[None])[0, 0], theirs, rtol=1e-3)
    assert np.abs(theirs).max() > 10 * np.abs(wave / np.percentile(np.abs(wave), 95)).max()


def test_another_quantile_and_floor_are_used() -> None:
    wave = recording(0, padded=False)
    theirs = wave / (np.percentile(wave, 50) + 2)
    ours = Waveform(quantile=0.5, floor=2.0)(torch.from_numpy(wave)[None])[0, 0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("frontend", "expected"), [(Waveform(), 0.0), (DecibelSpectrogram(), -80.0)]
)
@pytest.mark.parametrize("level", [0.0, 1e-20, 1e-12])
def test_silence_is_silent(frontend: torch.nn.Module, expected: float, level: float) -> None:
    wave = torch.full((1, RATE), level, requires_grad=True)
    output = frontend(wave)
    output.sum().backward()
    assert torch.isfinite(output).all()
    assert torch.isfinite(wave.grad).all()
    assert output.detach().numpy() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("frontend", [Waveform(), DecibelSpectrogram()])
def test_each_wave_of_a_batch_is_by_itself(frontend: torch.nn.Module) -> None:
    loudness = torch.tensor([1.0, 1e-3, 1e3, 0.0])[:, None]
    waves = loudness * torch.from_numpy(np.stack([recording(seed) for seed in range(4)]))
    alone = torch.cat([frontend(wave[None]) for wave in waves])
    torch.testing.assert_close(frontend(waves), alone)


def test_a_spectrogram_does_not_hear_loudness() -> None:
    wave = recording(0)
    wave *= 100 / np.abs(wave).max()
    np.testing.assert_allclose(spectrogram(64 * wave), spectrogram(wave), atol=1e-4)


def test_amplitudes_below_a_hundred_thousandth_are_not_told_apart() -> None:
    wave = recording(0)
    quiet = wave * np.float32(1e-2 / np.abs(wave).max())
    ours = spectrogram(quiet)
    np.testing.assert_allclose(ours, released(quiet)[0], atol=1e-3)
    assert ours.min() > -60
