import math

import pytest
import torch
from torch import nn

from earwitness.models.alexnet import AlexNet

# Becker et al., released `alexnet` prototxt: every layer in its order.
# Convolution: inputs, outputs, kernel, stride, padding, groups; pooling: window, stride.
RELEASED = [
    ("conv1", "convolution", (1, 96, 11, 4, 0, 1)),
    ("relu1", "relu", ()),
    ("pool1", "pool", (3, 2)),
    ("conv2", "convolution", (96, 256, 5, 1, 2, 2)),
    ("relu2", "relu", ()),
    ("pool2", "pool", (3, 2)),
    ("conv3", "convolution", (256, 384, 3, 1, 1, 1)),
    ("relu3", "relu", ()),
    ("conv4", "convolution", (384, 384, 3, 1, 1, 2)),
    ("relu4", "relu", ()),
    ("conv5", "convolution", (384, 256, 3, 1, 1, 2)),
    ("relu5", "relu", ()),
    ("pool5", "pool", (3, 2)),
    ("flatten", "flatten", ()),
    ("fc6", "dense", (9216, 1024)),
    ("relu6", "relu", ()),
    ("drop6", "dropout", (0.5,)),
    ("fc7", "dense", (1024, 1024)),
    ("relu7", "relu", ()),
    ("drop7", "dropout", (0.5,)),
    ("fc8", "dense", (1024, 10)),
]
SIDES = {"conv1": 55, "pool1": 27, "conv2": 27, "pool2": 13, "conv3": 13, "conv4": 13, "conv5": 13}
SIDES["pool5"] = 6
# Standard deviation of the weights and bias of the release; fc8's bias is not filled, hence 0.
START = {
    "conv1": (0.01, 0.0),
    "conv2": (0.01, 0.1),
    "conv3": (0.01, 0.0),
    "conv4": (0.01, 0.1),
    "conv5": (0.01, 0.1),
    "fc6": (0.005, 0.1),
    "fc7": (0.005, 0.1),
    "fc8": (0.01, 0.0),
}


def one(pair: int | tuple[int, int]) -> int:
    """The number that both sides of a square window share."""
    if isinstance(pair, int):
        return pair
    assert pair[0] == pair[1]
    return pair[0]


def described(layer: nn.Module) -> tuple[str, tuple[float, ...]]:
    """Kind and numbers of a layer, in the notation of `RELEASED`."""
    match layer:
        case nn.Conv2d(in_channels=i, out_channels=o, kernel_size=k, stride=s, padding=p):
            assert one(layer.dilation) == 1
            return "convolution", (i, o, one(k), one(s), one(p), layer.groups)
        case nn.MaxPool2d(kernel_size=k, stride=s, padding=p):
            assert (one(p), one(layer.dilation)) == (0, 1)
            return "pool", (one(k), one(s))
        case nn.Linear(in_features=i, out_features=o):
            return "dense", (i, o)
        case nn.Dropout(p=p):
            return "dropout", (p,)
        case nn.ReLU():
            return "relu", ()
        case nn.Flatten():
            return "flatten", ()
    raise AssertionError(f"not a layer of the release: {layer}")


def test_every_layer_is_that_of_the_release() -> None:
    network = AlexNet(classes=10)
    assert [(name, *described(layer)) for name, layer in network.named_children()] == RELEASED


def test_every_map_has_the_side_of_the_release() -> None:
    network = AlexNet(classes=2).eval()
    shapes: dict[str, torch.Size] = {}
    for name in SIDES:
        layer = network.get_submodule(name)
        layer.register_forward_hook(lambda *call, name=name: shapes.update({name: call[2].shape}))
    with torch.inference_mode():
        assert network(torch.zeros(1, 1, 227, 227)).shape == (1, 2)
    assert {name: shape[2:] for name, shape in shapes.items()} == {
        name: (side, side) for name, side in SIDES.items()
    }


def test_pooling_rounds_as_caffe_does() -> None:
    # Caffe rounds up and PyTorch down; at the three sides that occur they agree.
    for before, after in ((55, 27), (27, 13), (13, 6)):
        assert math.ceil((before - 3) / 2) + 1 == after
        assert nn.MaxPool2d(3, stride=2)(torch.zeros(1, 1, before, before)).shape[-1] == after


@pytest.mark.parametrize("classes", [2, 10])
def test_parameters_are_as_many_as_counted_by_hand(classes: int) -> None:
    convolutions = (11 * 11 * 1 + 1) * 96 + (5 * 5 * 48 + 1) * 256 + (3 * 3 * 256 + 1) * 384
    convolutions += (3 * 3 * 192 + 1) * 384 + (3 * 3 * 192 + 1) * 256
    dense = (256 * 6 * 6 + 1) * 1024 + (1024 + 1) * 1024 + (1024 + 1) * classes
    network = AlexNet(classes)
    assert sum(parameter.numel() for parameter in network.parameters()) == convolutions + dense


def test_weights_start_as_released_when_asked() -> None:
    torch.manual_seed(0)
    network = AlexNet(classes=10, released_initialisation=True)
    for name, (std, bias) in START.items():
        weight, biases = network.get_submodule(name).parameters()
        draws = weight.numel()
        # A standard deviation estimated from n draws scatters by itself / sqrt(2 n).
        assert weight.std().item() == pytest.approx(std, rel=5 / math.sqrt(2 * draws))
        assert abs(weight.mean().item()) < 5 * std / math.sqrt(draws)
        assert (biases == bias).all()


def test_weights_start_as_those_of_pytorch_otherwise() -> None:
    torch.manual_seed(0)
    network = AlexNet(classes=10)
    for name, kind, numbers in RELEASED:
        if kind in ("convolution", "dense"):
            weight = network.get_submodule(name).weight
            inputs = weight[0].numel() if kind == "convolution" else numbers[0]
            bound = 1 / math.sqrt(inputs)
            assert bound * 0.9 < weight.abs().max().item() <= bound


def test_memory_order_does_not_change_the_numbers() -> None:
    torch.manual_seed(0)
    network = AlexNet(classes=2).eval()
    spectrogram = torch.randn(1, 1, 227, 227)
    with torch.inference_mode():
        first = network(spectrogram)
        network.to(memory_format=torch.contiguous_format)
        torch.testing.assert_close(network(spectrogram), first, atol=1e-5, rtol=1e-4)
