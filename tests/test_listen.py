"""Sound from explanations: what is kept, what is silenced, and that ears are safe."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness import listen
from earwitness.errors import InputError

RATE = 8000


def tone(frequency: float, samples: int = RATE) -> Tensor:
    """A sine of `frequency` Hz, peak 0.4, `(samples,)`."""
    return 0.4 * torch.sin(2 * torch.pi * frequency * torch.arange(samples) / RATE)


def level(wave: Tensor, frequency: float) -> float:
    """Amplitude of `frequency` Hz in one second of sound."""
    return (torch.fft.rfft(wave)[int(frequency)].abs() * 2 / len(wave)).item()


def test_full_mask_gives_the_wave_back() -> None:
    """Any length; the ends too."""
    for samples in (1, 100, 1000, 1001):
        wave = torch.randn(samples).clamp(-1, 1)
        heard = listen.masked(wave, torch.ones(129, samples // 64 + 1), n_fft=256, hop=64)
        torch.testing.assert_close(heard, wave, rtol=0, atol=1e-5)


def test_mask_keeps_one_of_two_tones() -> None:
    """The lower half of the spectrum keeps the low tone, in phase, and drops the high one."""
    wave = tone(500) + tone(3000)
    mask = torch.zeros(129, 126)
    mask[:64] = 1
    heard = listen.masked(wave, mask, n_fft=256, hop=64)
    assert level(heard, 3000) < 0.001
    torch.testing.assert_close(heard[256:-256], tone(500)[256:-256], rtol=0, atol=0.01)


def test_mask_keeps_one_half_of_the_time() -> None:
    """Frames that are masked out are silent."""
    mask = torch.ones(129, 126)
    mask[:, 63:] = 0
    heard = listen.masked(tone(500), mask, n_fft=256, hop=64)
    assert heard[: RATE // 2 - 256].abs().max() > 0.39
    assert heard[RATE // 2 + 256 :].abs().max() < 1e-6


def test_gate_opens_where_importance_is() -> None:
    """Negative importance is silence, the maximum full volume, and the way there is a slope."""
    heard = listen.gated(torch.ones(400), torch.tensor([-3.0, 0.0, 2.0, 1.0]))
    assert not heard[:150].any()
    assert heard.max() == pytest.approx(1.0, abs=0.01)
    assert heard.argmax() == pytest.approx(250, abs=1)
    assert heard[-1] == pytest.approx(0.5)
    assert heard.diff().abs().max() <= 0.011


def test_relevance_is_heard_where_it_is_positive() -> None:
    """Without smoothing it is ReLU(R) / max R times signal."""
    wave, relevance = torch.tensor([0.5, 0.5, -0.5, 0.5]), torch.tensor([4.0, -4.0, 2.0, 0.0])
    assert listen.from_relevance(wave, relevance, width=1).tolist() == [0.5, 0, -0.25, 0]


def test_smoothing_spreads_a_single_sample() -> None:
    """A moving average of odd width stays centred."""
    relevance = torch.zeros(101)
    relevance[50] = 1
    heard = listen.from_relevance(torch.ones(101), relevance, width=21)
    assert heard.argmax() == 50
    assert heard.nonzero().flatten().tolist() == list(range(40, 61))
    torch.testing.assert_close(heard, heard.flip(0))


def masked(wave: Tensor, explanation: Tensor) -> Tensor:
    """Mask by whatever the explanation holds, cut to [0, 1]."""
    mask = explanation.clamp(0, 1).expand(17, -1)[:, : len(wave) // 8 + 1]
    return listen.masked(wave, mask, n_fft=32, hop=8)


MAKERS = [masked, listen.gated, listen.from_relevance]


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), volume=st.sampled_from([1e-30, 0.1, 1.0, 50.0]))
def test_never_louder_than_the_original(
    make: Callable[[Tensor, Tensor], Tensor], seed: int, volume: float
) -> None:
    """Whatever the explanation, the peak stays below the original's and below full scale."""
    generator = torch.Generator().manual_seed(seed)
    wave = volume * torch.randn(100, generator=generator)
    heard = make(wave, 10 * torch.randn(100, generator=generator))
    assert heard.shape == wave.shape
    assert heard.isfinite().all()
    assert heard.abs().max() <= min(1.0, wave.abs().max().item()) * (1 + 1e-6)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
def test_silence_stays_silence(make: Callable[[Tensor, Tensor], Tensor], value: float) -> None:
    """A silent wave gives zeros, and so does an explanation with nothing above zero."""
    wave = torch.zeros(100) if value > 0 else torch.randn(100)
    heard = make(wave, torch.full((100,), value))
    assert heard.shape == (100,)
    assert heard.abs().max() <= 1e-7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda wave: listen.masked(wave, torch.ones(17, 5), 32, 8),
            r"mask is \(17, 5\), expected",
        ),
        (lambda wave: listen.masked(wave, torch.full((17, 13), 2.0), 32, 8), r"mask must lie in"),
        (
            lambda wave: listen.masked(wave, torch.full((17, 13), torch.nan), 32, 8),
            "mask holds NaN",
        ),
        (lambda wave: listen.gated(wave * torch.inf, torch.ones(2)), "wave holds NaN or infinite"),
        (lambda wave: listen.gated(wave[:0], torch.ones(2)), "not empty"),
        (lambda wave: listen.gated(wave[None], torch.ones(2)), r"wave is \(1, 100\)"),
        (lambda wave: listen.gated(wave, torch.ones(2, 2)), r"importance is \(2, 2\)"),
        (lambda wave: listen.from_relevance(wave, wave[1:]), r"relevance is \(99,\)"),
        (lambda wave: listen.from_relevance(wave, wave, width=2), "choose an odd number"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[Tensor], Tensor], message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        call(tone(440, 100))
