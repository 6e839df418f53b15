import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import gammatone as scipy_gammatone
from scipy.signal import stft

from earwitness.sound.frontends.spectrogram import (
    DecibelSpectrogram,
    GammatoneSpectrogram,
    Waveform,
    erb_spaced,
    gammatone,
)

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
    ("frontend", "expected"),
    [(Waveform(), 0.0), (DecibelSpectrogram(), -80.0), (GammatoneSpectrogram(), -80.0)],
)
@pytest.mark.parametrize("level", [0.0, 1e-20, 1e-12])
def test_silence_is_silent(frontend: torch.nn.Module, expected: float, level: float) -> None:
    wave = torch.full((1, RATE), level, requires_grad=True)
    output = frontend(wave)
    output.sum().backward()
    assert torch.isfinite(output).all()
    assert torch.isfinite(wave.grad).all()
    assert output.detach().numpy() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("frontend", [Waveform(), DecibelSpectrogram(), GammatoneSpectrogram()])
def test_each_wave_of_a_batch_is_by_itself(frontend: torch.nn.Module) -> None:
    loudness = torch.tensor([1.0, 1e-3, 1e3, 0.0])[:, None]
    waves = loudness * torch.from_numpy(np.stack([recording(seed) for seed in range(4)]))
    alone = torch.cat([frontend(wave[None]) for wave in waves])
    torch.testing.assert_close(frontend(waves), alone, atol=1e-4, rtol=1e-5)  # of 80 dB


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


def responses(centres: torch.Tensor, taps: int = 513) -> np.ndarray:
    """Impulse responses of filters in the direction of time, `(centres, taps)`."""
    return gammatone(centres, taps, RATE).flip(1).numpy()


@pytest.mark.parametrize("delay", [10, 20, 40, 80])
def test_a_gammatone_filter_is_that_of_scipy(delay: int) -> None:
    """Where the peak of the envelope is a whole number of samples after its beginning.

    scipy's carrier begins with the envelope, ours is at its crest at the envelope's peak.
    """
    erb = 3 * RATE / delay / (2 * np.pi * 1.019)
    centre = (erb / 24.7 - 1) / 0.00437
    theirs, _ = scipy_gammatone(centre, "fir", numtaps=256 + delay, fs=RATE)
    ours = responses(torch.tensor([centre], dtype=torch.float64))[0]
    turned = ours * np.exp(2j * np.pi * centre * delay / RATE)
    assert not turned[: 256 - delay].any()
    result = turned.real[256 - delay : -1]
    np.testing.assert_allclose(result, theirs, atol=1e-2 * np.abs(theirs).max())


def test_centres_are_evenly_spaced_on_the_scale_of_glasberg_and_moore() -> None:
    centres = erb_spaced(50.0, 3800.0, 64).numpy()
    scale = 21.4 * np.log10(1 + 0.00437 * centres)
    assert centres[[0, -1]] == pytest.approx([50.0, 3800.0])
    np.testing.assert_allclose(np.diff(scale), (scale[-1] - scale[0]) / 63)


def test_a_filter_is_as_wide_as_its_equivalent_rectangle() -> None:
    """The area below the power response over its maximum, from its Fourier transform."""
    centres = erb_spaced(100.0, 3000.0, 9)
    power = np.abs(np.fft.fft(responses(centres, taps=2049), 65536)) ** 2
    width = power.sum(axis=1) / power.max(axis=1) * RATE / 65536
    np.testing.assert_allclose(width, 24.7 * (1 + 0.00437 * centres), rtol=0.02)


def test_a_sine_at_a_centre_comes_out_as_loud_as_it_is() -> None:
    frontend = GammatoneSpectrogram()
    seconds = torch.arange(RATE, dtype=torch.float64) / RATE
    sines = torch.sin(2 * torch.pi * erb_spaced(50.0, 3800.0, 64)[:, None] * seconds)
    power = frontend.power(sines.float())[:, :, 20:80]  # away from the ends
    own = power[torch.arange(64), torch.arange(64)].sqrt()
    # Half the rate is so near to the two highest bands that they hear the sine's mirror image, too.
    np.testing.assert_allclose(own[:-2], 1, atol=0.03)
    assert (power.mean(dim=2).argmax(dim=1) == torch.arange(64)).all()


@pytest.mark.parametrize("sample", [1600, 4000, 7203])
def test_a_click_is_at_one_time_in_all_bands(sample: int) -> None:
    frontend = GammatoneSpectrogram(hop=1)
    wave = torch.zeros(1, RATE)
    wave[0, sample] = 1.0
    loudest = frontend.power(wave)[0].argmax(dim=1)
    np.testing.assert_allclose(frontend.times(RATE, RATE)[loudest], sample / RATE, atol=1 / RATE)


def test_a_second_is_64_bands_of_100_frames() -> None:
    frontend = GammatoneSpectrogram(offset=40.0, scale=0.025)
    output = frontend(torch.from_numpy(recording(0))[None])
    assert output.shape == (1, 1, 64, 100)
    plain = GammatoneSpectrogram()(torch.from_numpy(recording(0))[None])
    assert plain.max() == 0
    torch.testing.assert_close(output, (plain + 40) * 0.025)
    assert frontend.times(100, RATE)[[0, -1]].tolist() == pytest.approx([0.0, 0.99])
    assert frontend.frequencies(RATE)[[0, -1]].tolist() == pytest.approx([50.0, 3800.0])
