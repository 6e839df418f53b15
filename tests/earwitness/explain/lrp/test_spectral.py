"""Relevance over time and frequency: against explicit layers, in zennit and here."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import zennit.rules as peer
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from zennit.attribution import Gradient as PeerAttributor
from zennit.composites import LayerMapComposite

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.lrp import Composite, relevance
from earwitness.explain.lrp.spectral import in_time_frequency, over_time_frequency

RATE = 8000


def inverse_rows(n_fft: int) -> np.ndarray:
    """Cosine rows, then sine rows: `(2 * bins, n_fft)` from real and imaginary parts to samples."""
    bins = np.arange(n_fft // 2 + 1)[:, None]
    angles = 2 * np.pi * bins * np.arange(n_fft) / n_fft
    halves = np.where((bins == 0) | (2 * bins == n_fft), 1, 2) / n_fft
    return np.concatenate([halves * np.cos(angles), -halves * np.sin(angles)])


def parts(spectrum: np.ndarray) -> np.ndarray:
    """Real parts, then imaginary parts, of `(..., bins)`."""
    return np.concatenate([spectrum.real, spectrum.imag], axis=-1)


def layer(rows: np.ndarray) -> nn.Linear:
    """A dense layer that multiplies by `rows`."""
    linear = nn.Linear(*rows.shape, bias=False, dtype=torch.float64)
    linear.weight.data = torch.from_numpy(rows.T.copy())
    return linear


def short_time(wave: np.ndarray, window: np.ndarray, hop: int) -> tuple[np.ndarray, np.ndarray]:
    """All windowed coefficients `(frames * 2 * bins,)`, and the rows that turn them back.

    Written frame by frame: pad, cut, weigh, transform; back, add up, divide by the windows.
    """
    n_fft, half = len(window), len(window) // 2
    padded = np.pad(wave, half)
    starts = range(0, len(padded) - n_fft + 1, hop)
    coefficients = [parts(np.fft.rfft(padded[at : at + n_fft] * window)) for at in starts]
    overlap = sum(np.pad(window, (at, len(padded) - n_fft - at)) for at in starts)
    overlap = np.where(overlap, overlap, 1)  # beyond the ends, where nothing is left
    rows = [
        np.pad(inverse_rows(n_fft), ((0, 0), (at, len(padded) - n_fft - at))) / overlap
        for at in starts
    ]
    return np.concatenate(coefficients), np.concatenate(rows)[:, half : half + len(wave)]


def network(samples: int) -> nn.Sequential:
    """A small network on `(batch, samples)`."""
    return nn.Sequential(nn.Linear(samples, 8), nn.ReLU(), nn.Linear(8, 3)).double()


def by_zennit(net: nn.Module, inputs: Tensor, target: Tensor) -> Tensor:
    """The relevance that zennit's epsilon rule finds."""
    composite = LayerMapComposite([(nn.Linear, peer.Epsilon()), (nn.ReLU, peer.Pass())])
    with PeerAttributor(model=net, composite=composite) as attribute:
        return attribute(inputs, lambda out: out * nn.functional.one_hot(target, out.shape[1]))[1]


def by_engine(net: nn.Module, inputs: Tensor, target: Tensor) -> Tensor:
    """The relevance that our epsilon rule finds."""
    return relevance(net, inputs, target, Composite()).inputs


ENGINES = [by_zennit, by_engine]
Engine = Callable[[nn.Module, Tensor, Tensor], Tensor]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("window", "hop"),
    [(np.hanning(17)[:-1], 4), (np.hanning(16)[:-1], 3), (np.ones(16), 8), (np.hamming(12), 6)],
)
def test_over_time_frequency_equals_an_explicit_layer(
    engine: Engine, window: np.ndarray, hop: int
) -> None:
    """From all windowed coefficients to the signal, as a matrix."""
    net, wave = network(42), torch.randn(1, 42, dtype=torch.float64)
    target = torch.tensor([2])
    coefficients, rows = short_time(wave[0].numpy(), window, hop)
    explicit = nn.Sequential(layer(rows), net)
    torch.testing.assert_close(explicit[0](torch.from_numpy(coefficients)[None]), wave)
    deep = engine(explicit, torch.from_numpy(coefficients)[None], target)
    expected = deep.reshape(-1, 2, len(window) // 2 + 1).sum(1).T
    held = engine(net, wave, target)
    found = over_time_frequency(wave, held, len(window), hop, torch.from_numpy(window))[0]
    assert (found - expected).norm() <= 1e-6 * expected.norm()


SIZES = st.integers(16, 60)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), samples=SIZES, n_fft=st.integers(4, 16))
def test_relevance_is_conserved(seed: int, samples: int, n_fft: int) -> None:
    """Over all bins and frames it sums to what non-silent samples held."""
    random = torch.Generator().manual_seed(seed)
    wave, held = torch.randn(2, 3, samples, generator=random, dtype=torch.float64)
    wave = torch.where(wave.abs() < 0.1, 0, wave)
    expected = (held * (wave != 0)).sum(1)
    cells = over_time_frequency(wave, held, n_fft, n_fft // 4, epsilon=1e-12)
    torch.testing.assert_close(cells.sum((1, 2)), expected, rtol=1e-8, atol=1e-8)


def test_a_frame_gets_what_its_window_covers() -> None:
    """Over all bins, a frame holds each sample's relevance as the windows share it out."""
    wave, held = torch.randn(2, 1, 64, dtype=torch.float64)
    cells = over_time_frequency(wave, held, 16, 4, epsilon=1e-12)
    window = torch.hann_window(16, dtype=torch.float64)
    expected = (held[0, 32:48] * window / window[::4].sum()).sum()
    torch.testing.assert_close(cells[0, :, 10].sum(), expected, rtol=1e-8, atol=1e-8)


def tones(*bins: int, samples: int = 400) -> Tensor:
    """Tones at these bins, `(1, samples)`, never exactly silent."""
    times = torch.arange(samples, dtype=torch.float64) / samples
    return sum(torch.cos(2 * torch.pi * bin * times + bin) for bin in bins)[None]


def test_a_network_that_hears_one_frequency_gives_its_bin() -> None:
    """Two tones sound; the network multiplies with one of them."""
    wave = tones(20, 75)
    net = nn.Sequential(nn.Linear(400, 1, bias=False)).double()
    net[0].weight.data = tones(75)
    held = relevance(net, wave, torch.tensor([0]), Composite()).inputs
    cells = over_time_frequency(wave, held, 80, 20)[0]
    assert (cells[:, 2:-2].argmax(0) == 15).all()
    assert cells[3:6].abs().sum() < 0.01 * cells[14:17].sum()


def test_a_network_that_hears_one_moment_gives_its_frames() -> None:
    """The tone sounds throughout, but only the second half is read."""
    wave = tones(50)
    held = torch.cat([torch.zeros(1, 200), torch.ones(1, 200)], dim=1).double() * wave**2
    cells = over_time_frequency(wave, held, 80, 20)[0]
    assert cells[:, :8].abs().sum() < 1e-9 * cells.sum()
    assert (cells[:, 13:-1].argmax(0) == 10).all()


def test_items_do_not_influence_each_other() -> None:
    """An item has the same values alone as in a batch, in single precision."""
    waves, held = torch.randn(2, 4, 200)
    together = over_time_frequency(waves, held * waves, 32, 8)
    alone = over_time_frequency(waves[2:3], (held * waves)[2:3], 32, 8)
    torch.testing.assert_close(alone, together[2:3], rtol=1e-6, atol=1e-6)


def over_time(values: Tensor, gap: float | None = 0.25) -> Explanation:
    """An explanation over time that starts at 0.5 s."""
    time = Axis("time", "s", 0.5 + torch.arange(len(values)) / RATE)
    return Explanation(values, (time,), "one", 0.9, "LRP EpsilonPlus", {"kind": "LRP"}, gap)


def test_an_explanation_moves_to_time_and_frequency() -> None:
    """New axes, the old target; the gap says what silent samples held."""
    wave = torch.randn(400)
    wave[:10] = 0
    held = wave.square() + 0.01
    moved = in_time_frequency(over_time(held), wave, RATE, 64, 16)
    frequency, time = moved.axes
    assert (frequency.name, frequency.unit, time.name, time.unit) == (
        "frequency",
        "Hz",
        "time",
        "s",
    )
    assert frequency.values[-1] == RATE / 2
    torch.testing.assert_close(
        time.values[1] - time.values[0], torch.tensor(16 / RATE), rtol=1e-3, atol=0
    )
    assert time.values[0] == 0.5
    assert moved.method == "LRP EpsilonPlus (DFT-LRP)"
    assert moved.settings == {"kind": "LRP", "n_fft": 64, "hop": 16}
    assert moved.gap == pytest.approx(0.25 + 0.1, abs=1e-3)
    level = wave.abs().max()
    expected = over_time_frequency((wave / level)[None], held[None], 64, 16)[0]
    torch.testing.assert_close(moved.values, expected)
    quiet = in_time_frequency(over_time(held), 1e-7 * wave, RATE, 64, 16)
    torch.testing.assert_close(quiet.values, expected, rtol=1e-3, atol=1e-5)
    assert in_time_frequency(over_time(held, gap=None), wave, RATE, 64, 16).gap is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda wave: over_time_frequency(wave[0], wave[0], 16, 4), r"must be \(batch, samples\)"),
        (lambda wave: over_time_frequency(wave, wave[:, 1:], 16, 4), r"relevance \(2, 99\)"),
        (lambda wave: over_time_frequency(wave[:, :0], wave[:, :0], 16, 4), "not empty"),
        (lambda wave: over_time_frequency(wave * torch.nan, wave, 16, 4), "holds NaN"),
        (lambda wave: over_time_frequency(wave, wave, 16, 17), "leave samples out: choose a smal"),
        (lambda wave: over_time_frequency(wave, wave, 16, 16), "leave samples out"),
        (lambda wave: in_time_frequency(over_time(wave[0]), wave[0, 1:], RATE, 16, 4), r"\(99,\)"),
        (
            lambda wave: in_time_frequency(
                Explanation(wave[0, :1], (Axis.of_names("source", ["a"]),), "a", 1, "m", {}, None),
                wave[0],
                RATE,
                16,
                4,
            ),
            "no time axis",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[Tensor], object], message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        call(torch.randn(2, 100))
