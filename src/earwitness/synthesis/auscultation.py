"""What lies between a heart and its recording: breath, rubs, hum, and a stethoscope's colour."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt
from scipy.signal.windows import hann
from scipy.special import expit

from earwitness.synthesis.subjects import Stethoscope, Subject

Array = NDArray[np.float64]

BREATH_HZ = (80.0, 400.0)  # where the noise of breath is
RUMBLE_HZ = (3.0, 40.0)  # where rumble is
RUB_HZ = (10.0, 300.0)  # where rubs of the stethoscope are
RUB_S = (0.05, 0.3)  # shortest and longest rub
RUB_DB = (-20.0, -2.0)  # softest and loudest rub, relative to the peak of S1
EDGE_HZ = 4.0  # how gradually a band of noise ends


def disturbances(person: Subject, samples: int, rate: int, rng: Generator) -> Array:
    """Breath, rumble and rubs (samples,), relative to the peak of S1: what both classes have."""
    breath = _breathing(person, samples, rate, rng) * band_noise(BREATH_HZ, samples, rate, rng)
    rumble = band_noise(RUMBLE_HZ, samples, rate, rng)
    rubs = _rubbing(person.rubs_hz, samples, rate, rng) * band_noise(RUB_HZ, samples, rate, rng)
    return amplitude(person.breath_db) * breath + amplitude(person.rumble_db) * rumble + rubs


def through_stethoscope(sound: Array, stethoscope: Stethoscope, rate: int) -> Array:
    """The sound (samples,) through a stethoscope, nothing of it earlier or later."""
    passed = butter(1, stethoscope.band_hz, "bandpass", fs=rate, output="sos")
    # Forwards and backwards: no delay, and half of the slope each time.
    return np.asarray(sosfiltfilt(passed, sound))


def noise(person: Subject, samples: int, rate: int, rng: Generator) -> Array:
    """Noise (samples,) of the stethoscope itself and hum of the mains with two overtones."""
    device = person.stethoscope
    phase = 2 * np.pi * (device.hum_hz * np.arange(samples) / rate + rng.random())
    hum = sum(np.sin(harmonic * phase) / harmonic for harmonic in (1, 2, 3))
    own = amplitude(device.noise_db + rng.uniform(-4, 4)) * rng.standard_normal(samples)
    return np.asarray(own + amplitude(person.hum_db) * hum)


def band_noise(band_hz: tuple[float, float], samples: int, rate: int, rng: Generator) -> Array:
    """Gaussian noise (samples,) of unit power between two frequencies."""
    low, high = band_hz
    f = np.fft.rfftfreq(samples, 1 / rate)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    inside = expit((f - low) / EDGE_HZ) * expit((high - f) / EDGE_HZ)
    sound = np.fft.irfft(spectrum * inside, samples)
    return np.asarray(sound / sound.std())


def amplitude(decibels: float) -> float:
    """Factor of so many decibels."""
    return float(10 ** (decibels / 20))


def _breathing(person: Subject, samples: int, rate: int, rng: Generator) -> Array:
    """Loudness (samples,) of the breath: in, and half as loud out."""
    cycle = np.sin(2 * np.pi * (person.breaths_hz * np.arange(samples) / rate + rng.random()))
    return np.asarray(np.maximum(cycle, -0.5 * cycle) ** 1.5)


def _rubbing(rubs_hz: float, samples: int, rate: int, rng: Generator) -> Array:
    """Loudness (samples,) of rubs at random times."""
    loudness = np.zeros(samples)
    for _ in range(rng.poisson(rubs_hz * samples / rate)):
        rub = amplitude(rng.uniform(*RUB_DB)) * hann(round(rng.uniform(*RUB_S) * rate))
        start = rng.integers(max(1, samples - len(rub)))
        loudness[start : start + len(rub)] += rub[: samples - start]
    return loudness
