import itertools
import math

import pytest
import torch
from torch import nn

from earwitness.models.audionet import AudioNet

# Becker et al., released `audionet` prototxt: every layer in its order.
# Convolution: inputs, outputs, kernel, stride, padding, groups; pooling: window, stride.
RELEASED = [
    ("conv1", "convolution", (1, 100, 3, 1, 1, 1)),
    ("relu1", "relu", ()),
    ("pool1", "pool", (3, 2)),
    ("conv2", "convolution", (100, 64, 3, 1, 1, 1)),
    ("relu2", "relu", ()),
    ("pool2", "pool", (2, 2)),
    ("conv3", "convolution", (64, 128, 3, 1, 1, 1)),
    ("relu3", "relu", ()),
    ("pool3", "pool", (2, 2)),
    ("conv4", "convolution", (128, 128, 3, 1, 1, 1)),
    ("relu4", "relu", ()),
    ("pool4", "pool", (2, 2)),
    ("conv5", "convolution", (128, 128, 3, 1, 1, 1)),
    ("relu5", "relu", ()),
    ("pool5", "pool", (2, 2)),
    ("conv6", "convolution", (128, 128, 3, 1, 1, 1)),
    ("relu6", "relu", ()),
    ("pool6", "pool", (2, 2)),
    ("flatten", "flatten", ()),
    ("fc7", "dense", (16000, 1024)),
    ("drop7", "dropout", (0.5,)),
    ("fc8", "dense", (1024, 512)),
    ("drop8", "dropout", (0.5,)),
    ("fc9", "dense", (512, 10)),
]
LENGTHS = [4000, 2000, 1000, 500, 250, 125]


def described(layer: nn.Module) -> tuple[str, tuple[float, ...]]:
    """Kind and numbers of a layer, in the notation of `RELEASED`."""
    match layer:
        case nn.Conv1d(in_channels=i, out_channels=o, kernel_size=(k,), stride=(s,)):
            assert layer.dilation == (1,)
            return "convolution", (i, o, k, s, layer.padding[0], layer.groups)
        case nn.MaxPool1d(kernel_size=k, stride=s):
            assert (layer.padding, layer.dilation, layer.ceil_mode) == (0, 1, True)
            return "pool", (k, s)
        case nn.Linear(in_features=i, out_features=o):
            return "dense", (i, o)
        case nn.Dropout(p=p):
            return "dropout", (p,)
        case nn.ReLU():
            return "relu", ()
        case nn.Flatten():
            return "flatten", ()
    raise AssertionError(f"not a layer of the release: {layer}")


def pooled_lengths(network: nn.Sequential, samples: int) -> list[int]:
    """Length of what each pooling layer gives for waves of `samples`."""
    lengths: list[int] = []
    convolutions = nn.Sequential(*itertools.takewhile(no_flatten, network))
    hooks = [
        layer.register_forward_hook(lambda *call: lengths.append(call[2].shape[-1]))
        for layer in convolutions
        if isinstance(layer, nn.MaxPool1d)
    ]
    with torch.inference_mode():
        convolutions(torch.zeros(1, 1, samples))
    for hook in hooks:
        hook.remove()
    return lengths


def no_flatten(layer: nn.Module) -> bool:
    return not isinstance(layer, nn.Flatten)


def caffe_pooled(length: int, window: int, stride: int = 2) -> int:
    """Output length of Caffe's pooling layer (`PoolingLayer::Reshape`), without padding."""
    return math.ceil((length - window) / stride) + 1


def test_every_layer_is_that_of_the_release() -> None:
    network = AudioNet(classes=10)
    assert [(name, *described(layer)) for name, layer in network.named_children()] == RELEASED


def test_a_second_is_halved_six_times() -> None:
    network = AudioNet(classes=2).eval()
    assert pooled_lengths(network, 8000) == LENGTHS
    assert network(torch.zeros(2, 1, 8000)).shape == (2, 2)


@pytest.mark.parametrize("first_pool", [2, 3])
def test_pooling_rounds_as_caffe_does(first_pool: int) -> None:
    network = AudioNet(classes=2, first_pool=first_pool)
    for samples in (8000, 7999, 1235, 645, 64):
        expected = [caffe_pooled(samples, first_pool)]
        for _ in range(5):
            expected.append(caffe_pooled(expected[-1], 2))
        assert pooled_lengths(network, samples) == expected


@pytest.mark.parametrize("classes", [2, 10])
def test_parameters_are_as_many_as_counted_by_hand(classes: int) -> None:
    convolutions = (3 * 1 + 1) * 100 + (3 * 100 + 1) * 64 + (3 * 64 + 1) * 128
    convolutions += 3 * (3 * 128 + 1) * 128
    dense = (128 * 125 + 1) * 1024 + (1024 + 1) * 512 + (512 + 1) * classes
    network = AudioNet(classes)
    assert sum(parameter.numel() for parameter in network.parameters()) == convolutions + dense


def test_hidden_dense_layers_are_linear_unless_asked() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 1, 16000)
    for dense_relu in (False, True):
        network = AudioNet(classes=2, dense_relu=dense_relu).eval()
        tail = nn.Sequential(*itertools.dropwhile(no_flatten, network))
        with torch.inference_mode():
            apart = tail(first) + tail(second) - tail(torch.zeros(1, 16000))
            together = tail(first + second)
        assert torch.allclose(together, apart, atol=1e-3) != dense_relu


def test_dense_relu_adds_only_that() -> None:
    names = [name for name, _ in AudioNet(classes=10, dense_relu=True).named_children()]
    released = [name for name, *_ in RELEASED]
    released[released.index("fc7") + 1 : released.index("fc7") + 1] = ["relu7"]
    released[released.index("fc8") + 1 : released.index("fc8") + 1] = ["relu8"]
    assert names == released


def test_first_pool_changes_only_that() -> None:
    described_ = [described(layer) for layer in AudioNet(classes=10, first_pool=2)]
    expected = [(kind, numbers) for _, kind, numbers in RELEASED]
    expected[2] = ("pool", (2, 2))
    assert described_ == expected


@pytest.mark.parametrize("released", [True, False])
def test_weights_start_as_asked(released: bool) -> None:
    torch.manual_seed(0)
    network = AudioNet(classes=10, released_initialisation=released)
    for name, kind, numbers in RELEASED:
        if kind not in ("convolution", "dense"):
            continue
        layer = network.get_submodule(name)
        inputs = numbers[0] * (numbers[2] if kind == "convolution" else 1)
        std = 0.1 if released else math.sqrt(2 / inputs)
        draws = layer.weight.numel()
        # A standard deviation estimated from n draws scatters by itself / sqrt(2 n).
        assert layer.weight.std().item() == pytest.approx(std, rel=5 / math.sqrt(2 * draws))
        assert abs(layer.weight.mean().item()) < 5 * std / math.sqrt(draws)
        assert not layer.bias.any()
