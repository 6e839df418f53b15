"""LRP as a method that goes back through a network."""

import torch
from torch import Tensor, nn

from earwitness.explain.attribution import Attributor
from earwitness.explain.explainers import InputExplainer, plain_settings
from earwitness.explain.lrp import LRP, EpsilonAlpha2Beta1, EpsilonPlus, relevance
from earwitness.explain.model import AudioModel


def test_gives_what_the_engine_gives(
    waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """Values and outputs are the engine's; values and gap make the explained output."""
    method: Attributor = LRP(EpsilonAlpha2Beta1())
    found = method(waveform_net, waves, target)
    expected = relevance(waveform_net, waves, target, EpsilonAlpha2Beta1())
    assert found.values.equal(expected.inputs)
    assert found.outputs.equal(expected.logits)
    assert found.positions is None
    assert found.gap is not None
    explained = waveform_net(waves).gather(1, target[:, None])[:, 0]
    torch.testing.assert_close(found.values.sum((1, 2)) + found.gap, explained)


def test_is_called_by_its_composite() -> None:
    """Figures and files tell composites apart, and settings are plain data."""
    assert LRP().name == "LRP EpsilonPlus"
    assert LRP(EpsilonAlpha2Beta1()).name == "LRP EpsilonAlpha2Beta1"
    assert plain_settings(LRP())["composite"]["convolution"] == {"kind": "ZPlus", "epsilon": 1e-6}


def test_explains_a_wave(waveform_net: nn.Module) -> None:
    """Behind the one call of all explainers: relevance over time, with its gap."""
    channel = nn.Unflatten(1, (1, 97))
    model = AudioModel(waveform_net.float(), ["a", "b", "c"], 8000, channel)
    wave = torch.randn(97)
    found = InputExplainer(LRP())(model, wave, 1)
    expected = relevance(waveform_net, wave[None, None], torch.tensor([1]), EpsilonPlus())
    assert found.values.equal(expected.inputs[0, 0])
    assert [axis.name for axis in found.axes] == ["time"]
    assert found.method == "LRP EpsilonPlus"
    assert found.gap is not None
