"""What is explained: answers, classes and axes of any network."""

import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel, crop_or_pad
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, Waveform

CLASSES = ["cat", "dog", "7"]


class Several(nn.Module):
    """Two outputs, as a tuple or as a mapping."""

    def __init__(self, named: bool) -> None:
        super().__init__()
        self.named = named

    def forward(self, waves: Tensor) -> dict[str, Tensor] | tuple[Tensor, Tensor]:
        tags, level = waves[:, :3], waves[:, 3]
        return {"tags": tags, "level": level} if self.named else (tags, level)


def test_without_a_front_end_the_network_takes_the_waves() -> None:
    """Outputs and probabilities are torch's own."""
    network = nn.Linear(4, 3)
    model = AudioModel(network, CLASSES, 8000)
    wave = torch.randn(4)
    expected = network(wave[None]).softmax(1)[0]
    assert model.predicted_class(wave) == expected.argmax()
    assert model.probability(wave, "dog") == pytest.approx(expected[1].item())


@pytest.mark.parametrize(("activation", "expected"), [("sigmoid", 0.731059), ("identity", 1.0)])
def test_activation(activation: str, expected: float) -> None:
    """Tags have a sigmoid each; a network that ends in one needs none."""
    model = AudioModel(nn.Identity(), CLASSES, 8000, activation=activation)
    assert model.probability(torch.ones(3), "cat") == pytest.approx(expected)


def test_single_output_may_have_no_dimension_of_its_own() -> None:
    """`(batch,)` becomes `(batch, 1)`."""
    model = AudioModel(nn.Flatten(0), ["murmur"], 2000, activation="sigmoid")
    assert model(torch.zeros(5, 1)).shape == (5, 1)


@pytest.mark.parametrize(("named", "output"), [(True, "tags"), (False, 0)])
def test_one_of_several_outputs(named: bool, output: str | int) -> None:
    """Chosen by its key or its index; a single number an item is one column."""
    waves = torch.randn(2, 4)
    model = AudioModel(Several(named), CLASSES, 8000, output=output)
    assert torch.equal(model(waves), waves[:, :3])
    level = AudioModel(Several(named), ["level"], 8000, output="level" if named else 1)
    assert torch.equal(level(waves), waves[:, 3:])


def test_target_by_name_or_number() -> None:
    """A name wins over a number; what is neither is refused with the names there are."""
    model = AudioModel(nn.Identity(), CLASSES, 8000)
    assert [model.class_index(name) for name in ("dog", 0, "1", "7")] == [1, 0, 1, 2]
    for wrong in ("bird", 3, -1):
        with pytest.raises(InputError, match="not one of the classes cat, dog, 7"):
            model.class_index(wrong)


def test_unknown_activation_is_refused() -> None:
    """The message names those there are."""
    with pytest.raises(InputError, match="activation=tanh: choose one of softmax"):
        AudioModel(nn.Identity(), CLASSES, 8000, activation="tanh")


WAVE = "time", "s", 8000, 0.999875
AXES = [
    (None, [WAVE]),
    (Waveform(), [WAVE]),
    (DecibelSpectrogram(), [("frequency", "Hz", 227, 3973.63), ("time", "s", 227, 0.9975)]),
    (nn.Unflatten(1, (2, -1)), [("channel", "", 2, 1), ("time", "s", 4000, 0.99975)]),
    (
        nn.Unflatten(1, (4, 20, 100)),
        [("channel", "", 4, 3), ("row", "", 20, 19), ("time", "s", 100, 0.99)],
    ),
]


@pytest.mark.parametrize(("frontend", "expected"), AXES)
def test_axes(frontend: nn.Module | None, expected: list[tuple[str, str, int, float]]) -> None:
    """Name, unit, length and last entry of each axis of one second of sound."""
    model = AudioModel(nn.Identity(), CLASSES, 8000, frontend)
    found = model.axes(model.frontend(torch.randn(1, 8000)).shape[1:], 8000)
    for axis, (name, unit, length, last) in zip(found, expected, strict=True):
        assert (axis.name, axis.unit, len(axis.values)) == (name, unit, length)
        assert axis.values[-1].item() == pytest.approx(last, rel=1e-5)


def test_waves_are_fitted_in_the_middle() -> None:
    """Zeros around a shorter one, the middle of a longer one, and where it starts."""
    padded, start = crop_or_pad(torch.ones(3), 6)
    assert (padded.tolist(), start) == ([0, 1, 1, 1, 0, 0], 1)
    stretch, start = crop_or_pad(torch.arange(6.0), 3)
    assert (stretch.tolist(), start) == ([2, 3, 4], -2)
    assert crop_or_pad(torch.ones(3), None)[0].tolist() == [1, 1, 1]


def test_a_rating_outside_its_scale_is_told_as_its_end() -> None:
    """A regression may leave the scale; what is explained is not cut off."""
    model = AudioModel(nn.Identity(), ["calm", "tense"], 4, activation="rating")
    outputs = torch.tensor([[-0.1, 0.4], [0.2, 1.3]])
    expected = torch.tensor([[0.0, 0.4], [0.2, 1.0]])
    torch.testing.assert_close(model.probabilities(outputs), expected)
