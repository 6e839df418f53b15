from collections.abc import Callable

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.controls import Constant, Magnitude, Onsets, Random
from earwitness.explain.explainers import Explainer
from earwitness.explain.model import AudioModel

RATE = 1000
ALL = [Random(count=8), Constant(count=8), Magnitude(), Onsets()]
BY_NAME = pytest.mark.parametrize("control", ALL, ids=lambda control: type(control).__name__)


def network(seed: int) -> AudioModel:
    """A network on two seconds of sound, two classes."""
    torch.manual_seed(seed)
    return AudioModel(nn.Linear(2 * RATE, 2), ["a", "b"], RATE)


@pytest.fixture
def tone() -> Tensor:
    """Two seconds, silent but for a tone that begins at 0.5 s and fades away from 1 s to 1.5 s."""
    time = torch.arange(2 * RATE) / RATE
    return torch.sin(2 * torch.pi * 100 * time) * (3 - 2 * time).clamp(0, 1) * (time >= 0.5)


@BY_NAME
def test_knows_nothing_of_the_network(control: Explainer, tone: Tensor) -> None:
    """Other weights and another class change the recorded probability, and no value."""
    first, second = control(network(0), tone, 0), control(network(1), tone, 1)
    assert torch.equal(first.values, second.values)
    assert (first.target, second.target) == ("a", "b")
    assert first.probability == pytest.approx(network(0).probability(tone, "a"))
    assert first.method.endswith("(control)")


@BY_NAME
def test_lies_over_time(control: Explainer, tone: Tensor) -> None:
    """In s of the sound, and not below zero."""
    found = control(network(0), tone, 0)
    (axis,) = found.axes
    assert (axis.name, axis.unit) == ("time", "s")
    assert 0 <= axis.values[0] < axis.values[-1] <= 2
    assert (found.values >= 0).all()


def test_draws_are_the_sounds_own(tone: Tensor) -> None:
    """The same again for the same sound, others for another sound or seed."""
    model = network(0)
    values = Random(count=200)(model, tone, 0).values
    assert torch.equal(values, Random(count=200)(model, tone.clone(), 0).values)
    for other in (Random(count=200)(model, 2 * tone, 0), Random(200, seed=1)(model, tone, 0)):
        assert abs(np.corrcoef(values, other.values)[0, 1]) < 0.25
    assert values.mean() == pytest.approx(0.5, abs=0.1)


def test_a_constant_says_the_same_of_everything(tone: Tensor) -> None:
    assert Constant(count=5)(network(0), tone, 0).values.tolist() == [1] * 5


def test_magnitude_is_where_the_sound_is(tone: Tensor) -> None:
    found = Magnitude()(network(0), tone, 0)
    assert torch.equal(found.values, tone.abs())
    assert found.axes[0].values[1] == pytest.approx(1 / RATE)


def test_onsets_are_where_the_sound_begins(tone: Tensor) -> None:
    """Most of it within a frame of the tone's first sample; little where it goes on and fades."""
    found = Onsets(window_s=0.064)(network(0), tone, 0)
    times, values = found.axes[0].values, found.values
    share = values / values.sum()
    assert share[(times - 0.5).abs() < 0.064].sum() > 0.95
    assert share[times > 0.6].sum() < 0.03
    assert not values[times < 0.4].any()


def test_onsets_are_librosas(tone: Tensor) -> None:
    """Its onset strength of the same magnitudes, added up over frequencies."""
    random = torch.Generator().manual_seed(0)
    noisy = tone + 0.1 * torch.randn(tone.shape, generator=random)
    values = Onsets(window_s=0.064)(network(0), noisy, 0).values.numpy()
    magnitudes = np.abs(
        librosa.stft(noisy.numpy(), n_fft=64, hop_length=16, window="hann", pad_mode="constant")
    )
    expected = librosa.onset.onset_strength(S=magnitudes, aggregate=np.sum, center=False)
    np.testing.assert_allclose(values[1:], expected[1:], rtol=1e-3, atol=1e-3)
    assert values[0] == pytest.approx(magnitudes[:, 0].sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Random(count=0), "count = 0: choose one above zero"),
        (lambda: Constant(count=-1), "count = -1: choose one above zero"),
        (lambda: Onsets(window_s=0.0), "window_s = 0.0: choose one above zero"),
    ],
)
def test_what_has_no_values_is_refused(make: Callable[[], Explainer], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


@BY_NAME
def test_what_is_no_sound_is_refused(control: Explainer) -> None:
    with pytest.raises(InputError, match="give \\(samples,\\), not empty"):
        control(network(0), torch.zeros(0), 0)
