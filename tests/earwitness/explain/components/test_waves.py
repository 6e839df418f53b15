"""Components of waves: they add up, they are where they should be, and silence stays silent."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.components import (
    BandsXSegments,
    Divider,
    FrequencyBands,
    Labelled,
    SourcesXSegments,
    TimeSegments,
)
from earwitness.explain.model import AudioModel

SAMPLES = 200
NAMES = ("first", "second")


def sources(wave: Tensor) -> Tensor:
    """Two sounds that add up to a wave."""
    return torch.stack([0.25 * wave, 0.75 * wave])


DIVIDERS: dict[str, Callable[..., Divider]] = {
    "segments": lambda wave, **fill: TimeSegments(7, **fill),
    "bands": lambda wave, **fill: FrequencyBands(4, n_fft=32, **fill),
    "bands x segments": lambda wave, **fill: BandsXSegments(3, 4, n_fft=32, **fill),
    "sources x segments": lambda wave, **fill: SourcesXSegments(sources(wave), NAMES, 3, **fill),
    "labels": lambda wave, **fill: Labelled(torch.arange(SAMPLES) // 10 % 3, "abc", **fill),
}


@pytest.mark.parametrize("fill", ["zero", "mean", "noise"])
@pytest.mark.parametrize("divider", DIVIDERS.values(), ids=DIVIDERS.keys())
def test_everything_on_is_the_wave(
    divider: Callable[..., Divider], fill: str, ear: AudioModel, wave: Tensor
) -> None:
    """The fill has no effect when all components are on."""
    components = divider(wave, fill=fill)(ear, wave)
    rendered = components.render(torch.ones(1, components.count, dtype=torch.bool))
    torch.testing.assert_close(rendered[0], wave, rtol=0, atol=2e-6)


@pytest.mark.parametrize("divider", DIVIDERS.values(), ids=DIVIDERS.keys())
def test_everything_off_is_silence(
    divider: Callable[..., Divider], ear: AudioModel, wave: Tensor
) -> None:
    """Exact zeros: a front end that scales by the maximum would amplify a rounding error."""
    components = divider(wave)(ear, wave)
    assert not components.render(torch.zeros(1, components.count, dtype=torch.bool)).any()


@pytest.mark.parametrize("fill", ["zero", "mean", "noise"])
@pytest.mark.parametrize("divider", DIVIDERS.values(), ids=DIVIDERS.keys())
def test_silence_stays_silence(divider: Callable[..., Divider], fill: str, ear: AudioModel) -> None:
    """Nothing is divided by a level of zero."""
    silence = torch.zeros(SAMPLES)
    components = divider(silence, fill=fill)(ear, silence)
    masks = torch.rand(5, components.count) > 0.5
    assert not components.render(masks).any()


@pytest.mark.parametrize("divider", DIVIDERS.values(), ids=DIVIDERS.keys())
def test_axes_hold_all_components(
    divider: Callable[..., Divider], ear: AudioModel, wave: Tensor
) -> None:
    """One value for each component, on as many axes as were divided."""
    components = divider(wave)(ear, wave)
    values = components.on_axes(torch.arange(components.count))
    assert values.shape == tuple(len(axis.values) for axis in components.axes)
    assert values.flatten().tolist() == list(range(components.count))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), samples=st.integers(1, 40), seed=st.integers(0, 2**31))
def test_segments_are_switched_sample_by_sample(
    data: st.DataObject, samples: int, seed: int
) -> None:
    """Against a loop over samples; a segment that is off is replaced by the given wave."""
    count = data.draw(st.integers(1, samples))
    mask = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    wave, off = torch.randn(2, samples, generator=torch.Generator().manual_seed(seed))
    model = AudioModel(nn.Flatten(), classes=["one", "two"], rate=1000)
    rendered = TimeSegments(count, fill=off)(model, wave).render(torch.tensor([mask]))[0]
    expected = [(wave if mask[i * count // samples] else off)[i].item() for i in range(samples)]
    torch.testing.assert_close(rendered, torch.tensor(expected), rtol=0, atol=1e-6)


def test_sources_are_mixed(ear: AudioModel, wave: Tensor) -> None:
    """The first source in its second segment and the second in its first: nothing else."""
    given = sources(wave)
    components = SourcesXSegments(given, NAMES, 2)(ear, wave)
    rendered = components.render(torch.tensor([[False, True, True, False]]))[0]
    torch.testing.assert_close(rendered, torch.cat([given[1, :100], given[0, 100:]]))
    assert components.axes[0].labels == NAMES
    assert components.axes[1].values.tolist() == pytest.approx([0.05, 0.15])


def test_noise_is_as_loud_as_its_source(ear: AudioModel) -> None:
    """A quiet source is replaced by quiet noise."""
    loud, quiet = torch.randn(2, 5000) * torch.tensor([[1.0], [0.01]])
    components = SourcesXSegments(torch.stack([loud, quiet]), NAMES, 1, fill="noise")(
        ear, loud + quiet
    )
    without_quiet = components.render(torch.tensor([[True, False]]))[0]
    assert (without_quiet - loud).std() == pytest.approx(0.01, rel=0.1)


def test_labels_are_switched_together(ear: AudioModel, wave: Tensor) -> None:
    """All stretches of a state at once, and a state that does not occur changes nothing."""
    labels = torch.tensor([0] * 50 + [1] * 50 + [0] * 100)
    components = Labelled(labels, ("systole", "diastole", "murmur"))(ear, wave)
    rendered = components.render(torch.tensor([[False, True, True], [True, True, False]]))
    assert rendered[0].nonzero().flatten().tolist() == list(range(50, 100))
    torch.testing.assert_close(rendered[1], wave)
    (axis,) = components.axes
    assert (axis.name, axis.labels) == ("state", ("systole", "diastole", "murmur"))


def test_the_front_end_hears_the_mixture(eye: AudioModel, wave: Tensor) -> None:
    """What is rendered is what the network is given."""
    rendered = TimeSegments(2)(eye, wave).render(torch.tensor([[True, False]]))
    expected = eye.frontend(torch.cat([wave[:100], torch.zeros(100)])[None])
    torch.testing.assert_close(rendered, expected)


@pytest.mark.parametrize(
    ("divider", "message"),
    [
        (TimeSegments(201), "201 segments: choose 1 to 200"),
        (TimeSegments(2, fill="minimum"), "fill=minimum is for spectrograms"),
        (TimeSegments(2, fill=torch.zeros(3)), r"fill is \(3,\), what it replaces \(200,\)"),
        (
            SourcesXSegments(torch.zeros(2, 7), NAMES, 2),
            r"sources are \(2, 7\), expected \(2, 200\)",
        ),
        (
            SourcesXSegments(torch.zeros(3, 200), NAMES, 2),
            r"sources are \(3, 200\), expected \(2, 200\)",
        ),
        (Labelled(torch.zeros(200), "ab"), r"labels are \(200,\) of torch.float32"),
        (Labelled(torch.zeros(7, dtype=torch.long), "ab"), r"one integer per sample, \(200,\)"),
        (Labelled(torch.full((200,), 2), "ab"), r"labels must lie in 0..1"),
        (FrequencyBands(18, n_fft=32), "18 bands: choose 1 to 17"),
        (BandsXSegments(2, 27, n_fft=32), "27 segments of frames: choose 1 to 26"),
    ],
)
def test_what_does_not_fit_is_refused(
    divider: Divider, message: str, ear: AudioModel, wave: Tensor
) -> None:
    """One line names the setting and what fits."""
    with pytest.raises(InputError, match=message):
        divider(ear, wave)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda wave: wave[None], r"the wave is \(1, 200\)"),
        (lambda wave: wave[:0], "not empty"),
        (lambda wave: wave * torch.nan, "NaN"),
    ],
)
def test_what_is_no_wave_is_refused(
    change: Callable[[Tensor], Any], message: str, ear: AudioModel, wave: Tensor
) -> None:
    """Before anything is divided."""
    with pytest.raises(InputError, match=message):
        TimeSegments(1)(ear, change(wave))
