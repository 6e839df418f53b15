"""Sound from explanations: what is kept, what is silenced, and that ears are safe."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.present import listen
from earwitness.present.spectral_mask import apply_spectral_mask

RATE = 8000


def tone(frequency: float, samples: int = RATE) -> Tensor:
    """A sine of `frequency` Hz, peak 0.4, `(samples,)`."""
    return 0.4 * torch.sin(2 * torch.pi * frequency * torch.arange(samples) / RATE)


def level(wave: Tensor, frequency: float) -> float:
    """Amplitude of `frequency` Hz in one second of sound."""
    return (torch.fft.rfft(wave)[int(frequency)].abs() * 2 / len(wave)).item()


def explained(values: Tensor, *axes: Axis) -> Explanation:
    """Values on axes, of nothing in particular."""
    return Explanation(values, axes, "digit 1", 0.5, "planted", {}, None)


def seconds(count: int, of: float = 1.0) -> Axis:
    """The middles of `count` equal parts of `of` seconds."""
    return Axis("time", "s", (torch.arange(count) + 0.5) * of / count)


def hertz(count: int) -> Axis:
    """The middles of `count` equal bands up to 4 kHz."""
    return Axis("frequency", "Hz", (torch.arange(count) + 0.5) * 4000 / count)


def test_gate_opens_where_a_segment_speaks_for_the_class() -> None:
    """What speaks against it is silent; both parts add up to the wave; the volume never jumps."""
    values = torch.tensor([-3.0, 0.0, 2.0, 0.0])
    relevant, rest = listen.split_by_relevance(
        explained(values, seconds(4)), torch.ones(RATE), RATE
    )
    assert not relevant[:2000].any()
    assert relevant[5000] == pytest.approx(1)
    assert relevant.diff().abs().max() < 1 / 500
    torch.testing.assert_close(relevant + rest, torch.ones(RATE))


def test_bands_may_be_of_any_width() -> None:
    """What lies in a narrow low band does not spread as far as a wide high band would."""
    octaves = Axis("frequency", "Hz", torch.tensor([125.0, 250, 500, 1000, 2000, 4000]))
    values = torch.tensor([1.0, 0, 0, 0, 0, 0])
    wave = tone(125) + tone(500) + tone(1000)
    relevant, rest = listen.split_by_relevance(explained(values, octaves), wave, RATE)
    assert level(relevant, 125) > 0.3
    assert max(level(relevant, 500), level(relevant, 1000)) < 0.02
    assert min(level(rest, 500), level(rest, 1000)) > 0.3


def test_time_may_be_as_fine_as_the_samples() -> None:
    """The relevance of a waveform network opens the gate for the tone that it lies on."""
    wave = torch.cat([tone(500, RATE // 2), tone(1500, RATE // 2)])
    relevance = torch.zeros(RATE)
    relevance[RATE // 2 :] = torch.rand(RATE // 2)
    sample = Axis("time", "s", torch.arange(RATE) / RATE)
    relevant, rest = listen.split_by_relevance(explained(relevance, sample), wave, RATE)
    assert relevant[: RATE // 2 - 100].abs().max() == 0
    assert level(relevant, 1500) > 10 * level(rest, 1500)


@pytest.mark.parametrize("bands", [2, 16, 1000])
def test_one_of_two_tones_is_heard_and_the_other_is_the_rest(bands: int) -> None:
    """Bands wider and narrower than those of the spectrum; with the time, too, in either order."""
    values = torch.zeros(bands)
    values[int(3000 / 4000 * bands)] = 2.0
    values[int(500 / 4000 * bands)] = -1.0
    over_frequency = explained(values, hertz(bands))
    with_time = explained(values[:, None].expand(-1, 5), hertz(bands), seconds(5))
    turned = explained(values.expand(5, -1), seconds(5), hertz(bands))
    for explanation in (over_frequency, with_time, turned):
        relevant, rest = listen.split_by_relevance(explanation, tone(500) + tone(3000), RATE)
        assert level(relevant, 3000) > 0.25
        assert level(relevant, 500) < 0.01
        assert level(rest, 500) > 0.3


def test_other_axes_are_added_up() -> None:
    """Two channels that cancel leave nothing to hear."""
    values = torch.ones(2, 4, 4) * torch.tensor([1.0, -1.0])[:, None, None]
    channel = Axis("channel", "", torch.arange(2))
    relevant, rest = listen.split_by_relevance(
        explained(values, channel, hertz(4), seconds(4)), tone(500), RATE
    )
    assert not relevant.any()
    torch.testing.assert_close(rest, tone(500), rtol=0, atol=1e-5)


def test_sources_are_mixed_where_they_speak_for_the_class() -> None:
    """Whole sources by one value each, and their segments by one value a segment."""
    sources = torch.stack([torch.full((4,), 0.1), torch.full((4,), 0.2)])
    assert (
        listen.mix_positive_sources(sources, torch.tensor([-1.0, 2.0])).tolist()
        == sources[1].tolist()
    )
    mix = listen.mix_positive_sources(sources, torch.tensor([[1.0, 0.0], [0.5, 3.0]]))
    torch.testing.assert_close(mix, torch.tensor([0.3, 0.3, 0.2, 0.2]))


def test_the_best_components_of_a_mix_are_heard_and_the_rest_remains() -> None:
    """At most as many as asked for, and only those above zero."""
    sources = torch.stack([torch.full((4,), 0.1), torch.full((4,), 0.2)])
    values = torch.tensor([[3.0, -1.0], [1.0, 2.0]], dtype=torch.float64)
    relevant, rest = listen.split_by_best_components(sources, values, count=2)
    torch.testing.assert_close(relevant, torch.tensor([0.1, 0.1, 0.2, 0.2]))
    torch.testing.assert_close(relevant + rest, sources.sum(0))
    relevant, rest = listen.split_by_best_components(sources, values - 2.5, count=9)
    torch.testing.assert_close(relevant, torch.tensor([0.1, 0.1, 0.0, 0.0]))
    assert not listen.split_by_best_components(sources, values - 9).relevant.any()


def test_heat_times_signal_follows_what_speaks_for_the_class() -> None:
    """ReLU(R) / max R where relevance is the same for longer than it is smoothed."""
    steps = torch.tensor([4.0, -4.0, 2.0, 0.0]).repeat_interleave(RATE // 4)
    sample = Axis("time", "s", torch.arange(RATE) / RATE)
    mask = listen.heatmap_gain(explained(steps, sample), tone(500), RATE)
    assert mask[1000::2000].tolist() == pytest.approx([1, 0, 0.5, 0])
    assert mask.diff().abs().max() == pytest.approx(1 / 81, rel=1e-4)


def test_heat_adds_up_what_lies_on_other_axes() -> None:
    """Frequencies that cancel say nothing of their time, at any spacing of frames."""
    values = torch.tensor([[1.0, 3.0], [1.0, -3.0]])
    mask = listen.heatmap_gain(explained(values, hertz(2), seconds(2)), tone(500), RATE)
    torch.testing.assert_close(mask[[1000, 4000, 7000]], torch.tensor([1.0, 0.5, 0.0]))


def test_a_mask_takes_a_wave_apart() -> None:
    """Heard and rest add up to the wave, by samples and by cells."""
    wave = 0.3 * torch.randn(RATE).clamp(-3, 3)
    for mask in (torch.rand(RATE), torch.rand(129, 126)):
        sound = listen.split_by_mask(wave, mask, RATE)
        torch.testing.assert_close(sound.relevant + sound.rest, wave, rtol=0, atol=1e-5)
    assert listen.split_by_mask(wave, torch.full((RATE,), 0.25), RATE).relevant.equal(0.25 * wave)


def masked(wave: Tensor, explanation: Tensor) -> Tensor:
    """Mask by whatever the explanation holds, cut to [0, 1]."""
    mask = explanation.clamp(0, 1).expand(17, -1)[:, : len(wave) // 8 + 1]
    return apply_spectral_mask(wave, mask, n_fft=32, hop=8)


def played(wave: Tensor, values: Tensor) -> Tensor:
    """The relevant part of an explanation over time."""
    return listen.split_by_relevance(
        explained(values, seconds(len(values), 0.1)), wave, 1000
    ).relevant


def filtered(wave: Tensor, values: Tensor) -> Tensor:
    """The relevant part of an explanation over frequency."""
    return listen.split_by_relevance(explained(values, hertz(len(values))), wave, RATE).relevant


def times_heat(wave: Tensor, values: Tensor) -> Tensor:
    """Heat map times signal."""
    mask = listen.heatmap_gain(explained(values, seconds(len(values), 0.1)), wave, 1000)
    return listen.split_by_mask(wave, mask, 1000).relevant


MAKERS = [masked, played, filtered, times_heat]


@pytest.mark.parametrize("make", MAKERS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), volume=st.sampled_from([1e-30, 0.1, 1.0, 50.0]))
def test_never_louder_than_the_original(
    make: Callable[[Tensor, Tensor], Tensor], seed: int, volume: float
) -> None:
    """Whatever the explanation, the peak stays below the original's and below full scale."""
    generator = torch.Generator().manual_seed(seed)
    wave = volume * torch.randn(100, generator=generator)
    sound = make(wave, 10 * torch.randn(100, generator=generator))
    assert sound.shape == wave.shape
    assert sound.isfinite().all()
    assert sound.abs().max() <= min(1.0, wave.abs().max().item()) * (1 + 1e-6)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
def test_silence_stays_silence(make: Callable[[Tensor, Tensor], Tensor], value: float) -> None:
    """A silent wave gives zeros, and so does an explanation with nothing above zero."""
    wave = torch.zeros(100) if value > 0 else torch.randn(100)
    sound = make(wave, torch.full((100,), value))
    assert sound.shape == (100,)
    assert sound.abs().max() <= 1e-7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda wave: apply_spectral_mask(wave, torch.ones(17, 5), 32, 8),
            r"mask is \(17, 5\), expected",
        ),
        (
            lambda wave: apply_spectral_mask(wave, torch.full((17, 13), 2.0), 32, 8),
            r"mask must lie in",
        ),
        (
            lambda wave: apply_spectral_mask(wave, torch.full((17, 13), torch.nan), 32, 8),
            "mask holds NaN",
        ),
        (lambda wave: played(wave * torch.inf, torch.ones(2)), "wave holds NaN or infinite"),
        (lambda wave: played(wave[:0], torch.ones(2)), "not empty"),
        (lambda wave: played(wave[None], torch.ones(2)), r"wave is \(1, 100\)"),
        (
            lambda wave: listen.split_by_relevance(
                explained(torch.ones(2), Axis.of_names("state", ["S1", "S2"])), wave, RATE
            ),
            "values over state have no place in time or frequency",
        ),
        (
            lambda wave: listen.mix_positive_sources(wave[None], torch.ones(2)),
            r"sources is \(1, 100\)",
        ),
        (lambda wave: listen.split_by_mask(wave, wave[1:], RATE), r"mask is \(99,\)"),
        (lambda wave: listen.split_by_mask(wave, 2 * wave.abs() + 1, RATE), "mask must lie in"),
        (lambda wave: times_heat(wave[:0], torch.ones(2)), "not empty"),
        (
            lambda wave: listen.heatmap_gain(explained(torch.ones(2), hertz(2)), wave, RATE),
            "has no time axis",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[Tensor], Tensor], message: str) -> None:
    """One line names what is wrong."""
    with pytest.raises(InputError, match=message):
        call(tone(440, 100))


@pytest.mark.parametrize("octaves", [0, 1, 2])
def test_low_sounds_are_raised_by_octaves(octaves: int) -> None:
    """A tone's pitch moves, its time and its peak do not."""
    rate = 1000
    wave = 0.4 * torch.sin(2 * torch.pi * 60 * torch.arange(2 * rate) / rate)
    raised = listen.pitch_up(wave, rate, octaves)
    assert len(raised) == 2 * RATE
    loudest = int(torch.fft.rfft(raised[RATE // 2 : 3 * RATE // 2]).abs().argmax())
    assert loudest == pytest.approx(60 * 2**octaves, abs=1)
    assert 0.2 < raised.abs().max() <= 0.4


def test_what_is_raised_stays_in_its_place() -> None:
    """Silence is silent, a frame's length away from the sound."""
    wave = torch.zeros(3000)
    wave[1400:1600] = 0.5 * torch.sin(2 * torch.pi * 50 * torch.arange(200) / 1000)
    raised = listen.pitch_up(wave, 1000, 2)
    power = raised.square()
    assert power[int(1.2 * RATE) : int(1.8 * RATE)].sum() > 0.99 * power.sum()


@pytest.mark.parametrize(
    ("wave", "octaves", "message"),
    [(torch.zeros(0), 1, "not empty"), (torch.ones(50), -1, "octaves=-1: choose 0 or more")],
)
def test_what_cannot_be_raised_is_refused(wave: Tensor, octaves: int, message: str) -> None:
    """One line says so."""
    with pytest.raises(InputError, match=message):
        listen.pitch_up(wave, 1000, octaves)
