"""Scaled frequency axes: voices of another pitch, against numpy, on even and uneven axes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import find_peaks
from torch import Tensor

from earwitness.errors import InputError
from earwitness.judge.stretch import stretch_frequencies
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, GammatoneSpectrogram

FLOOR = -80.0


def voice(pitch: float) -> Tensor:
    """One second of harmonics up to 1 kHz, `(1, 8000)`."""
    times = torch.arange(8000) / 8000
    harmonics = range(1, int(1000 / pitch) + 1)
    return sum(torch.cos(2 * torch.pi * pitch * n * times) / n for n in harmonics)[None]


def peaks(level: Tensor, frequencies: Tensor) -> np.ndarray:
    """Frequencies of the peaks of a spectrogram `(1, 1, bins, frames)` in its middle frame."""
    column = level[0, 0, :, level.shape[-1] // 2].numpy()
    result, _ = find_peaks(column, prominence=6)
    return frequencies.numpy()[result]


def test_a_voice_of_120_hz_becomes_one_of_180_hz() -> None:
    """Its harmonics lie where those of the other voice do, within a bin of 17.6 Hz."""
    frontend = DecibelSpectrogram()
    frequencies = frontend.frequencies(8000)
    moved = stretch_frequencies(frontend(voice(120.0)), frequencies, 1.5, FLOOR)
    result, expected = (peaks(level, frequencies) for level in (moved, frontend(voice(180.0))))
    assert result[: len(expected)] == pytest.approx(expected, abs=18)
    assert len(expected) == 5
    assert not np.allclose(peaks(frontend(voice(120.0)), frequencies)[:5], expected, atol=18)


def test_the_cochlea_s_axis_moves_the_same_sound() -> None:
    """A tone of 1000 Hz lies at 1500 Hz and at 660 Hz afterwards, within a band."""
    frontend = GammatoneSpectrogram()
    tone = torch.cos(2 * torch.pi * 1000 * torch.arange(8000) / 8000)[None]
    level, centres = frontend(tone) * 1.0, frontend.frequencies(8000)
    for factor in (1.5, 0.66):
        moved = stretch_frequencies(level, centres, factor, float(level.min()))
        highest = centres[moved[0, 0, :, 50].argmax()]
        assert float(highest) == pytest.approx(1000 * factor, rel=0.06)


AXES = st.lists(st.floats(1, 4000), min_size=2, max_size=12, unique_by=round).map(sorted)


@settings(max_examples=40, deadline=None)
@given(axis=AXES, factor=st.floats(0.3, 3), seed=st.integers(0, 2**31))
def test_equals_numpy_column_by_column(axis: list[float], factor: float, seed: int) -> None:
    """Any ascending axis, any factor: what is not on the axis is the floor."""
    random = torch.Generator().manual_seed(seed)
    level = torch.randn(2, 3, len(axis), 4, generator=random, dtype=torch.float64)
    frequencies = torch.tensor(axis, dtype=torch.float64)
    result = stretch_frequencies(level, frequencies, factor, FLOOR)
    places = frequencies.numpy() / factor
    for index in np.ndindex(2, 3, 4):
        column = level[(*index[:2], slice(None), index[2])].numpy()
        expected = np.interp(places, frequencies.numpy(), column, left=FLOOR, right=FLOOR)
        same = result[(*index[:2], slice(None), index[2])].numpy()
        assert same == pytest.approx(expected, abs=1e-6)


def test_a_factor_of_one_is_the_identity() -> None:
    """Within a millionth of a decibel, on both front ends' axes."""
    for frontend in (DecibelSpectrogram(), GammatoneSpectrogram()):
        level = frontend(torch.randn(2, 8000, generator=torch.Generator().manual_seed(0)))
        same = stretch_frequencies(level, frontend.frequencies(8000), 1.0, FLOOR)
        torch.testing.assert_close(same, level, atol=1e-6, rtol=0)


@given(factors=st.tuples(st.floats(0.3, 3), st.floats(0.3, 3)).map(sorted))
def test_a_larger_factor_moves_further(factors: list[float]) -> None:
    """The place of a ridge never falls as the factor grows, and stays within a row of it."""
    frequencies = torch.arange(0.0, 1000.0, 10.0)
    ridge = (-((frequencies - 300) ** 2) / 1000).clamp(min=FLOOR)[:, None]
    first, second = (
        float(frequencies[stretch_frequencies(ridge, frequencies, factor, FLOOR).argmax()])
        for factor in factors
    )
    assert first <= second
    assert [first, second] == pytest.approx([300 * factor for factor in factors], abs=10)


def test_there_and_back_keeps_what_stayed_on_the_axis() -> None:
    """A smooth spectrum moved up and back is itself below the end over the factor; floor above."""
    frequencies = torch.linspace(0, 4000, 400)
    level = -40 + 20 * torch.cos(frequencies / 500)[:, None]
    back = stretch_frequencies(
        stretch_frequencies(level, frequencies, 1.5, FLOOR), frequencies, 1 / 1.5, FLOOR
    )
    kept = frequencies < 2650
    assert torch.allclose(back[kept], level[kept], atol=0.05)
    assert (back[frequencies > 2680] == FLOOR).all()


@pytest.mark.parametrize(
    ("frequencies", "factor", "message"),
    [
        (torch.arange(3.0), 1.5, r"frequencies \(3,\), level \(4, 2\): give one frequency a row"),
        (torch.tensor([0.0, 2.0, 1.0, 3.0]), 1.5, "in ascending order"),
        (torch.arange(4.0), 0.0, "factor = 0.0: choose one above zero"),
    ],
)
def test_what_does_not_fit_is_refused(frequencies: Tensor, factor: float, message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        stretch_frequencies(torch.zeros(4, 2), frequencies, factor, FLOOR)
