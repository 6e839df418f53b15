"""Counted work: by hand, against captured shapes of every layer, and on the project's networks."""

import pytest
import torch
from torch import Tensor, nn

from earwitness.judge.cost import cost
from earwitness.models.alexnet import AlexNet
from earwitness.models.audionet import AudioNet
from earwitness.models.gammatonenet import GammatoneNet
from earwitness.sound.frontends.spectrogram import (
    DecibelSpectrogram,
    GammatoneSpectrogram,
    Waveform,
)

NETWORKS = [
    (Waveform(), AudioNet),
    (DecibelSpectrogram(), AlexNet),
    (GammatoneSpectrogram(), GammatoneNet),
]


def by_hooks(network: nn.Module, inputs: Tensor) -> int:
    """Outputs of every dense and convolution layer times the weights that each output reads."""
    counts = []

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        counts.append(output.numel() * layer.weight[0].numel())

    layers = (nn.Linear, nn.Conv1d, nn.Conv2d)
    hooks = [
        layer.register_forward_hook(count)
        for layer in network.modules()
        if isinstance(layer, layers)
    ]
    with torch.no_grad():
        network.eval()(inputs)
    for hook in hooks:
        hook.remove()
    return sum(counts)


@pytest.mark.parametrize(("frontend", "kind"), NETWORKS, ids=["audionet", "alexnet", "gammatone"])
def test_equals_a_count_by_the_shapes_of_layers(frontend: nn.Module, kind: type) -> None:
    """Grouped convolutions too; the parameters are the weights and biases of all layers."""
    network = kind(10)
    result = cost(frontend, network, 8000)
    assert result.network == by_hooks(network, frontend(torch.zeros(1, 8000)))
    learnt = [layer for layer in network if hasattr(layer, "weight")]
    assert result.parameters == sum(x.weight.numel() + x.bias.numel() for x in learnt)


def test_a_dense_layer_by_hand() -> None:
    """12 inputs times 5 outputs; learning takes the way there and two ways back."""
    result = cost(nn.Identity(), nn.Linear(12, 5), 12)
    assert result == (65, 0, 60)
    assert (result.forward, result.training_step) == (60, 180)


def test_front_ends_count() -> None:
    """A filter bank is its taps times its outputs; a spectrogram the usual count of an FFT."""
    bank = cost(GammatoneSpectrogram(), nn.Identity(), 8000)
    assert bank.frontend == 128 * 100 * 513
    transforms = cost(DecibelSpectrogram(), nn.Identity(), 8000)
    assert transforms.frontend == pytest.approx(230 * 1.25 * 455 * 8.8297, rel=1e-4)
    assert transforms.training_step == transforms.forward == transforms.frontend


def test_the_network_is_left_as_found() -> None:
    """Training mode, gradients and running statistics; the count does not depend on them."""
    network = GammatoneNet(2).train()
    before = network.norm1.running_mean.clone()
    first = cost(GammatoneSpectrogram(), network, 8000)
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert network.norm1.running_mean.equal(before)
    assert cost(GammatoneSpectrogram(), network.eval(), 8000) == first
