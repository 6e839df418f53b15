import pytest
import torch
from torch import nn

from earwitness.models.vgg9 import VGG9

CHANNELS = (64, 64, 128, 128, 256, 256, 384, 512, 256)


def convolutions(network: VGG9) -> list[nn.Conv2d]:
    return [layer for layer in network if isinstance(layer, nn.Conv2d)]


@pytest.mark.parametrize(("last_kernel", "parameters"), [(3, 4_984_384), (1, 3_935_808)])
def test_parameters_are_as_many_as_published(last_kernel: int, parameters: int) -> None:
    """Counted by hand from the paper's figure: weights and three numbers a channel."""
    network = VGG9(last_kernel=last_kernel)
    assert sum(each.numel() for each in network.parameters()) == parameters
    assert network.features == 256


@pytest.mark.parametrize("last_kernel", [3, 1])
def test_layers_are_as_published(last_kernel: int) -> None:
    """Channels, kernels, strides and paddings of the figure, row by row."""
    found = convolutions(VGG9(last_kernel=last_kernel))
    assert tuple(layer.out_channels for layer in found) == CHANNELS
    geometry = [(layer.kernel_size[0], layer.stride[0], layer.padding[0]) for layer in found]
    assert geometry == [(5, 2, 2), *[(3, 1, 1)] * 7, (last_kernel, 1, 0)]


def test_each_convolution_is_normalised_and_rectified() -> None:
    """And pooled and dropped out after the second and the fourth, averaged after the last."""
    block = ["Conv2d", "BatchNorm2d", "ReLU"]
    pooled = [*block, *block, "MaxPool2d", "Dropout"]
    expected = [*pooled, *pooled, *5 * block, "AdaptiveAvgPool2d", "Flatten"]
    assert [type(layer).__name__ for layer in VGG9(width=0.05)] == expected


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


@pytest.mark.parametrize("size", [(149, 60), (149, 400), (23, 23)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    """As many features, however long the spectrogram is."""
    network = VGG9(width=0.05).eval()
    assert network(torch.zeros(2, 1, *size)).shape == (2, network.features)


def test_less_than_23_leave_the_last_convolution_no_room() -> None:
    """It is not padded, and two by two are left of 22 by 22."""
    with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
        VGG9(width=0.05).eval()(torch.zeros(1, 1, 22, 22))


def test_width_scales_every_layer() -> None:
    """An eighth of the channels of each, and at least one."""
    narrow = VGG9(width=0.125)
    assert [each.out_channels for each in convolutions(narrow)] == [n // 8 for n in CHANNELS]
    assert narrow.features == 32
    assert {each.out_channels for each in convolutions(VGG9(width=0.001))} == {1}
