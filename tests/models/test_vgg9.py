import pytest
import torch
from torch import nn

from earwitness.models.vgg9 import CHANNELS, VGG9


@pytest.mark.parametrize(("last_kernel", "last_weights"), [(3, 9), (1, 1)])
def test_layers_are_as_published(last_kernel: int, last_weights: int) -> None:
    """Parameters counted by hand from the paper's figure."""
    network = VGG9(last_kernel=last_kernel)
    kernels = [25, *[9] * 7, last_weights]
    inputs = (1, *CHANNELS[:-1])
    expected = sum(
        area * into * out + out + 2 * out
        for area, into, out in zip(kernels, inputs, CHANNELS, strict=True)
    )
    assert sum(each.numel() for each in network.parameters()) == expected
    assert network.features == 256


def test_sizes_are_those_of_the_figure() -> None:
    """Halved by the first convolution and both poolings; the last convolution is not padded."""
    network, shapes = VGG9(width=0.1), []
    for layer in network:
        layer.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[2:])))
    network(torch.zeros(1, 1, 149, 313))
    convolved = [
        shape for shape, layer in zip(shapes, network, strict=True) if isinstance(layer, nn.Conv2d)
    ]
    assert convolved == [(75, 157)] * 2 + [(37, 78)] * 2 + [(18, 39)] * 4 + [(16, 37)]


def test_any_length_will_do() -> None:
    network = VGG9(width=0.05).eval()
    assert network(torch.zeros(2, 1, 149, 60)).shape == network(torch.zeros(2, 1, 149, 400)).shape


def test_width_scales_every_layer() -> None:
    narrow = [layer.out_channels for layer in VGG9(width=0.125) if isinstance(layer, nn.Conv2d)]
    assert narrow == [count // 8 for count in CHANNELS]
