"""Each rule against two independent oracles: zennit on networks, dense matrices on one layer."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
import zennit.rules as peer
from torch import Tensor, nn
from zennit.attribution import Gradient as PeerAttributor
from zennit.composites import LayerMapComposite
from zennit.types import Activation, AvgPool, Convolution

from earwitness.errors import InputError
from earwitness.explain.lrp import (
    AlphaBeta,
    Composite,
    Epsilon,
    Flat,
    Gamma,
    Gradient,
    Pass,
    Rule,
    WSquare,
    ZBox,
    ZPlus,
    relevance,
)
from earwitness.explain.lrp.flows import Flow, positive
from earwitness.explain.lrp.layers import Call

TOLERANCE = 1e-6
RULES = [
    pytest.param(Epsilon(), peer.Epsilon(), id="epsilon"),
    pytest.param(Epsilon(0.25), peer.Epsilon(0.25), id="large epsilon"),
    pytest.param(ZPlus(), peer.ZPlus(), id="z+"),
    pytest.param(AlphaBeta(2, 1), peer.AlphaBeta(2, 1), id="alpha 2 beta 1"),
    pytest.param(AlphaBeta(1.5, 0.5), peer.AlphaBeta(1.5, 0.5), id="alpha 1.5 beta 0.5"),
    pytest.param(Gamma(0.25), peer.Gamma(0.25), id="gamma"),
    pytest.param(WSquare(), peer.WSquare(), id="w squared"),
    pytest.param(Flat(), peer.Flat(), id="flat"),
    pytest.param(ZBox(-5.0, 4.0), peer.ZBox(-5.0, 4.0), id="box"),
]


def difference(ours: Tensor, theirs: Tensor) -> float:
    """Norm of the difference relative to the oracle's norm."""
    return ((ours - theirs).norm() / theirs.norm()).item()


def by_peer(model: nn.Module, inputs: Tensor, target: Tensor, rule: peer.BasicHook) -> Tensor:
    """The relevance that zennit finds with `rule` on convolutions and dense layers."""
    composite = LayerMapComposite(
        [
            (Convolution, rule),
            (nn.Linear, rule),
            (AvgPool, peer.Norm()),
            (Activation, peer.Pass()),
        ]
    )
    with PeerAttributor(model=model, composite=composite) as attribute:
        return attribute(inputs, lambda out: out * nn.functional.one_hot(target, out.shape[1]))[1]


@pytest.mark.parametrize(("rule", "oracle"), RULES)
def test_equals_zennit_on_waveforms(
    rule: Rule, oracle: peer.BasicHook, waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """A network like AudioNet, all of whose layers follow one rule."""
    ours = relevance(waveform_net, waves, target, Composite(dense=rule, convolution=rule)).inputs
    assert difference(ours, by_peer(waveform_net, waves, target, oracle)) <= TOLERANCE


@pytest.mark.parametrize(("rule", "oracle"), RULES)
def test_equals_zennit_on_images(
    rule: Rule, oracle: peer.BasicHook, image_net: nn.Module, images: Tensor, target: Tensor
) -> None:
    """A network like AlexNet, all of whose layers follow one rule."""
    ours = relevance(image_net, images, target, Composite(dense=rule, convolution=rule)).inputs
    assert difference(ours, by_peer(image_net, images, target, oracle)) <= TOLERANCE


@dataclass(frozen=True)
class _HalfZPlus(ZPlus):
    """z+ as often written: negative inputs through negative weights forgotten."""

    def flows(self) -> tuple[Flow, ...]:
        return (Flow(parts=((positive, positive),), bias=positive),)


@dataclass(frozen=True)
class _UnsignedEpsilon(Epsilon):
    """Epsilon added to negative denominators too, which moves them towards zero."""

    def __call__(self, call: Call, relevance: Tensor) -> tuple[Tensor, Tensor | None]:
        per_unit = relevance / (call.outputs.detach() + self.epsilon)
        return call.inputs.detach() * call.backward(per_unit), None


@pytest.mark.parametrize(
    ("wrong", "oracle"),
    [(_HalfZPlus(), peer.ZPlus()), (_UnsignedEpsilon(0.25), peer.Epsilon(0.25))],
)
def test_comparison_catches_a_wrong_rule(
    wrong: Rule, oracle: peer.BasicHook, waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """Negative control: the comparisons above do fail for a rule that is slightly off."""
    ours = relevance(waveform_net, waves, target, Composite(dense=wrong, convolution=wrong)).inputs
    assert difference(ours, by_peer(waveform_net, waves, target, oracle)) > 1000 * TOLERANCE


def dense(layer: nn.Module, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """A linear layer at one item as summands x_i w_ji `(outputs, inputs)` and bias `(outputs,)`."""
    bias = layer(torch.zeros_like(inputs)).detach().flatten()
    jacobian = torch.autograd.functional.jacobian(layer, inputs)
    return jacobian.reshape(len(bias), -1) * inputs.flatten(), bias


def dense_epsilon(summands: Tensor, bias: Tensor, relevance: Tensor) -> Tensor:
    """The epsilon rule, written as loops over a dense matrix."""
    found = torch.zeros_like(summands[0])
    for contributions, constant, value in zip(summands, bias, relevance, strict=True):
        denominator = contributions.sum() + constant
        found += contributions / (denominator + (1e-6 if denominator >= 0 else -1e-6)) * value
    return found


def dense_zplus(summands: Tensor, bias: Tensor, relevance: Tensor) -> Tensor:
    """The z+ rule, written as loops over a dense matrix."""
    found = torch.zeros_like(summands[0])
    for contributions, constant, value in zip(summands, bias, relevance, strict=True):
        above = torch.where(contributions > 0, contributions, 0.0)
        found += above / (above.sum() + max(constant, 0.0) + 1e-6) * value
    return found


LAYERS = [
    pytest.param(nn.Linear(6, 4), (1, 6), id="linear"),
    pytest.param(nn.Linear(3, 4), (1, 2, 3), id="linear over time"),
    pytest.param(nn.Linear(6, 4, bias=False), (1, 6), id="no bias"),
    pytest.param(nn.Conv1d(2, 3, 3, stride=2, padding=1), (1, 2, 7), id="conv1d"),
    pytest.param(nn.Conv1d(2, 3, 3, padding=1, padding_mode="circular"), (1, 2, 5), id="circular"),
    pytest.param(nn.Conv2d(2, 4, 2, groups=2, dilation=2), (1, 2, 4, 5), id="conv2d"),
]
DENSE = [
    pytest.param(Epsilon(), dense_epsilon, id="epsilon"),
    pytest.param(ZPlus(), dense_zplus, id="z+"),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS)
@pytest.mark.parametrize(("rule", "oracle"), DENSE)
def test_equals_dense_matrices(
    rule: Rule,
    oracle: Callable[[Tensor, Tensor, Tensor], Tensor],
    layer: nn.Module,
    shape: tuple[int, ...],
) -> None:
    """One layer, inputs of both signs, against the textbook formula."""
    layer.double()
    inputs = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    outputs = layer(inputs)
    upper = torch.randn_like(outputs)
    ours, _ = rule(Call(inputs, outputs, layer), upper)
    expected = oracle(*dense(layer, inputs.detach()), upper.flatten())
    torch.testing.assert_close(ours.flatten(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("rule", [Epsilon(1e-12), WSquare(epsilon=1e-12)])
@pytest.mark.parametrize(("layer", "shape"), LAYERS)
def test_bias_keeps_what_inputs_do_not_get(
    rule: Rule, layer: nn.Module, shape: tuple[int, ...]
) -> None:
    """Inputs and bias together get all of the relevance."""
    layer.double()
    inputs = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    outputs = layer(inputs)
    upper = torch.randn_like(outputs)
    found, kept = rule(Call(inputs, outputs, layer), upper)
    assert kept is not None
    assert kept.any() == (layer.bias is not None)
    torch.testing.assert_close(found.sum() + kept.sum(), upper.sum(), rtol=1e-8, atol=1e-8)


def test_pass_and_gradient_give_all_on() -> None:
    """An activation passes relevance on even where it is not active; pooling picks the winner."""
    inputs = torch.tensor([[[-1.0, 3.0, 2.0, -2.0]]], requires_grad=True)
    upper = torch.tensor([[[1.0, 5.0]]])
    relu, pool = nn.ReLU(), nn.MaxPool1d(2)
    assert Pass()(Call(inputs, relu(inputs), relu), inputs.detach())[0].equal(inputs)
    found, kept = Gradient()(Call(inputs, pool(inputs), pool), upper)
    assert found.tolist() == [[[0.0, 1.0, 5.0, 0.0]]]
    assert kept is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Epsilon(0.0),
        lambda: ZPlus(epsilon=-1e-6),
        lambda: AlphaBeta(2, 2),
        lambda: AlphaBeta(0.5, -0.5),
        lambda: Gamma(-1),
        lambda: ZBox(2.0, 1.0),
        lambda: ZBox(0.0, 0.0),
    ],
)
def test_settings_that_break_a_rule_are_refused(make: Callable[[], Rule]) -> None:
    """A rule that could divide by zero or lose relevance cannot be made."""
    with pytest.raises(InputError, match="choose"):
        make()
