"""Both ways to explain behind one call: values, axes, probability and settings."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution
from earwitness.explain.components import SourcesXSegments, TimeSegments
from earwitness.explain.explainers import ComponentExplainer, InputExplainer, plain_settings
from earwitness.explain.lrp import LRP, Composite, Gamma
from earwitness.explain.model import AudioModel
from earwitness.explain.occlusion import Occlusion
from earwitness.explain.shapley import Shapley
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, Waveform


@dataclass(frozen=True)
class Coarse:
    """Values of two channels on every other step, from the second one."""

    channels: int = 2
    name: ClassVar[str] = "coarse"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        values = torch.ones(len(inputs), self.channels, inputs.shape[-1] // 2)
        positions = torch.arange(1, inputs.shape[-1], 2).double()
        return Attribution(values, network(inputs).detach(), None, (positions,))


@pytest.fixture
def linear() -> AudioModel:
    """Eight samples at 4 Hz, two classes."""
    torch.manual_seed(0)
    return AudioModel(nn.Linear(8, 2, bias=False), ["no", "yes"], 4).eval()


def test_values_of_inputs_come_with_axes_probability_and_gap(linear: AudioModel) -> None:
    wave = torch.randn(8)
    found = InputExplainer(LRP(Composite()))(linear, wave, 1)
    torch.testing.assert_close(found.values, linear.network.weight[1].detach() * wave)
    assert found.axis("time").values.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    assert found.probability == pytest.approx(linear.probability(wave, "yes"))
    assert found.target == "yes"
    assert found.gap == pytest.approx(0, abs=1e-5)


def test_a_spectrogram_is_explained_over_frequency_and_time() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 227), nn.Flatten())
    model = AudioModel(network, ["no", "yes"], 8000, DecibelSpectrogram()).eval()
    found = InputExplainer(LRP())(model, torch.randn(8000), 0)
    assert [(axis.name, axis.unit) for axis in found.axes] == [("frequency", "Hz"), ("time", "s")]
    assert found.values.shape == (227, 227)
    assert found.method == "LRP EpsilonPlus"


def test_a_coarse_grid_lies_where_its_positions_are(linear: AudioModel) -> None:
    two = InputExplainer(Coarse())(linear, torch.randn(8), 0)
    assert [axis.name for axis in two.axes] == ["channel", "time"]
    assert two.axis("time").values.tolist() == [0.25, 0.75, 1.25, 1.75]
    one = InputExplainer(Coarse(channels=1))(linear, torch.randn(8), 0)
    assert [axis.name for axis in one.axes] == ["time"]
    assert one.gap is None


def test_components_of_a_linear_output_are_worth_what_they_add(linear: AudioModel) -> None:
    """Whatever the estimator; efficiency is of the output that is explained."""
    wave = torch.randn(8)
    shares = (linear.network.weight[0].detach() * wave).reshape(4, 2).sum(1).double()
    for estimator in (Occlusion(), Shapley()):
        found = ComponentExplainer(TimeSegments(count=4), estimator, of="output")(linear, wave, 0)
        torch.testing.assert_close(found.values, shares, rtol=0, atol=1e-6)
        assert found.axis("time").values.tolist() == [0.25, 0.75, 1.25, 1.75]
    assert found.gap == pytest.approx(0, abs=1e-10)
    assert found.settings["coalitions"] == 16


def test_the_probability_is_explained_unless_the_output_is_asked_for(linear: AudioModel) -> None:
    wave = torch.randn(8)
    found = ComponentExplainer(TimeSegments(count=2), Shapley())(linear, wave, 1)
    change = linear.probability(wave, "yes") - linear.probability(torch.zeros(8), "yes")
    assert float(found.values.sum()) == pytest.approx(change, abs=1e-6)
    assert found.probability == pytest.approx(linear.probability(wave, "yes"), abs=1e-6)
    with pytest.raises(InputError, match="of=logit: choose probability or output"):
        ComponentExplainer(TimeSegments(count=2), Shapley(), of="logit")


def test_sampled_values_come_with_their_error() -> None:
    model = AudioModel(nn.Sequential(nn.Linear(32, 8), nn.ReLU(), nn.Linear(8, 2)), ["a", "b"], 8)
    explainer = ComponentExplainer(TimeSegments(count=16), Shapley(draws=100))
    first, second = (explainer(model, torch.ones(32), 0) for _ in range(2))
    assert first.error is not None
    assert first.error.shape == first.values.shape
    assert torch.equal(first.values, second.values)
    assert first.settings["coalitions"] == 100


def test_front_end_and_network_are_in_evaluation_mode_and_left_as_found() -> None:
    frontend = nn.Sequential(Waveform(), nn.Dropout(0.9))
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(8, 2))
    model = AudioModel(network, ["a", "b"], 8, frontend).train()
    wave = torch.randn(8)
    for explainer in (
        InputExplainer(LRP()),
        ComponentExplainer(TimeSegments(count=3), Occlusion()),
    ):
        torch.testing.assert_close(
            explainer(model, wave, 0).values, explainer(model, wave, 0).values
        )
        assert all(part.training for part in model.modules())


def test_settings_are_plain_data() -> None:
    sources = SourcesXSegments(torch.zeros(2, 8), ["a", "b"], 4)
    found = plain_settings(
        {"method": LRP(Composite(dense=Gamma())), "components": sources, "sizes": (1, 2)}
    )
    assert found["method"]["composite"]["dense"] == {
        "kind": "Gamma",
        "epsilon": 1e-6,
        "gamma": 0.25,
    }
    assert found["components"]["sources"] == "tensor (2, 8)"
    assert found["sizes"] == [1, 2]


class Counted(nn.Module):
    """A linear network that notes how many inputs it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 3, bias=False)
        self.asked = 0

    def forward(self, inputs: Tensor) -> Tensor:
        self.asked += len(inputs)
        return self.layer(inputs)


def test_several_outputs_cost_as_many_calls_as_one() -> None:
    """And are explained as one by one."""
    torch.manual_seed(0)
    network, wave = Counted(), torch.randn(8)
    model = AudioModel(network, ["a", "b", "c"], 4, activation="identity").eval()
    explainer = ComponentExplainer(TimeSegments(count=4), Shapley(), batch_size=16, of="output")
    single = [explainer(model, wave, target) for target in range(3)]
    calls, network.asked = network.asked, 0
    together = explainer.explain_each(model, wave, range(3))
    assert calls == 3 * network.asked
    assert network.asked == 16
    for one, other in zip(single, together, strict=True):
        assert one.target == other.target
        torch.testing.assert_close(one.values, other.values)
        assert one.settings["coalitions"] == other.settings["coalitions"] == 16
        assert one.unit == other.unit == "output"
