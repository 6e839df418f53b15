"""Where a layer's outputs lie, against the gradient of one output in networks of box filters."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.layer_positions import captured_outputs, locate_layer
from earwitness.models.alexnet import AlexNet
from earwitness.models.audionet import AudioNet


def boxes(net: nn.Module) -> nn.Module:
    """All weights one, so that an output is a sum over what it sees."""
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    return net.double().eval()


def seen(net: nn.Module, inputs: Tensor) -> list[Tensor]:
    """Centre of mass, along each dimension, of what the middle output sees."""
    leaf = inputs.clone().requires_grad_()
    outputs = net(leaf)[0, 0]
    middle = tuple(length // 2 for length in outputs.shape)
    weight = torch.autograd.grad(outputs[middle], leaf)[0][0, 0]
    return [
        (weight.movedim(axis, 0).flatten(1).sum(1) * torch.arange(length)).sum() / weight.sum()
        if weight.dim() > 1
        else (weight * torch.arange(length)).sum() / weight.sum()
        for axis, length in enumerate(weight.shape)
    ]


WINDOW = st.tuples(
    st.sampled_from([nn.Conv1d, nn.AvgPool1d]), st.integers(1, 5), st.integers(1, 3), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(windows=st.lists(WINDOW, min_size=1, max_size=4), dilation=st.integers(1, 3))
def test_positions_are_centres_of_what_is_seen(
    windows: list[tuple[type[nn.Module], int, int, bool]], dilation: int
) -> None:
    """Any chain of convolutions and pooling, to a thousandth of a step."""
    net = boxes(nn.Sequential(*[_layer(window, dilation) for window in windows]))
    inputs = torch.zeros(1, 1, 400, dtype=torch.float64)
    last = len(windows) - 1
    (positions,) = locate_layer(net, inputs, str(last)).positions
    (centre,) = seen(net, inputs)
    assert len(positions) == net(inputs).shape[2]
    assert abs(positions[len(positions) // 2] - centre) < 1e-3


def _layer(window: tuple[type[nn.Module], int, int, bool], dilation: int) -> nn.Module:
    kind, kernel, stride, padded = window
    if kind is nn.AvgPool1d:
        return nn.AvgPool1d(kernel, stride, kernel // 2 if padded else 0, ceil_mode=not padded)
    return nn.Conv1d(1, 1, kernel, stride, kernel // 2 if padded else 0, dilation, bias=False)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_two_dimensions_have_their_own() -> None:
    """Kernel, stride, padding and dilation differ along rows and columns."""
    net = boxes(
        nn.Sequential(
            nn.Conv2d(1, 1, (5, 3), (2, 1), (0, 1), (1, 3), bias=False),
            nn.AvgPool2d((3, 2), (1, 2)),
            nn.Conv2d(1, 1, (2, 4), padding="same", bias=False),
        )
    )
    inputs = torch.zeros(1, 1, 40, 60, dtype=torch.float64)
    rows, columns = locate_layer(net, inputs, None).positions
    expected = seen(net, inputs)
    assert abs(rows[len(rows) // 2] - expected[0]) < 1e-3
    assert abs(columns[len(columns) // 2] - expected[1]) < 1e-3


@pytest.mark.parametrize(
    ("net", "shape", "layer", "first", "step"),
    [
        (AlexNet(2), (1, 227, 227), "relu5", 17.0, 16.0),
        (AudioNet(2), (1, 8000), "relu6", 16.0, 32.0),
    ],
)
def test_the_papers_networks(
    net: nn.Module, shape: tuple[int, ...], layer: str, first: float, step: float
) -> None:
    """The last activated convolution is found; its positions are those worked out by hand."""
    site = locate_layer(net.eval(), torch.zeros(1, *shape), None)
    assert site.layer is net.get_submodule(layer)
    for positions in site.positions:
        assert positions[0] == first
        assert (positions.diff() == step).all()


class _Residual(nn.Module):
    """Two ways of one resolution that are added, then functional activations."""

    def __init__(self) -> None:
        super().__init__()
        self.long = nn.Conv1d(1, 2, 3, stride=2, padding=1)
        self.short = nn.Conv1d(1, 2, 1, stride=2)
        self.last = nn.Conv1d(2, 2, 3, padding=1)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(b, 40)` -> `(b, 2, 20)`."""
        waves = inputs[:, None]
        return self.last(F.relu(self.long(waves) + self.short(waves)))


def test_branches_do_not_count_twice() -> None:
    """A way around a block keeps the grid of the block."""
    (positions,) = locate_layer(_Residual().eval(), torch.zeros(2, 40), None).positions
    assert positions.equal(torch.arange(20, dtype=torch.float64) * 2)


class _Causal(nn.Conv1d):
    """A convolution that pads by itself, so that its settings do not tell its places."""

    def forward(self, inputs: Tensor) -> Tensor:
        """As long as the input."""
        return super().forward(F.pad(inputs, (4, 0)))


@pytest.mark.parametrize(
    "net",
    [
        nn.Sequential(_Causal(1, 2, 5), nn.AdaptiveAvgPool1d(10)),
        nn.Sequential(_Causal(1, 1, 5), nn.Upsample(scale_factor=0.25)),
        nn.Sequential(nn.AdaptiveMaxPool1d(10)),
    ],
)
def test_equal_cells_where_the_way_is_not_known(net: nn.Sequential) -> None:
    """Ten places that share forty steps lie at 1.5, 5.5, ..."""
    (positions,) = locate_layer(net, torch.zeros(1, 1, 40), str(len(net) - 1)).positions
    assert positions.equal(torch.arange(10, dtype=torch.float64) * 4 + 1.5)


def test_a_layer_that_serves_twice_counts_where_it_ran_last() -> None:
    """Two passes through a convolution of stride two are four steps."""
    layer = nn.Conv1d(1, 1, 1, stride=2)
    (positions,) = locate_layer(nn.Sequential(layer, layer), torch.zeros(1, 1, 40), None).positions
    assert positions.equal(torch.arange(10, dtype=torch.float64) * 4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conv9", r"layer conv9 has no positions: choose .*: conv1, relu1, pool1, "),
        ("fc7", r"layer fc7 has no positions"),
    ],
)
def test_layers_without_places_are_named(name: str, message: str) -> None:
    """Misspelt or dense: the error lists what there is."""
    with pytest.raises(InputError, match=message):
        locate_layer(AudioNet(2).eval(), torch.zeros(1, 1, 8000), name)


def test_no_convolution_is_refused() -> None:
    """A dense network has no last convolution."""
    with pytest.raises(InputError, match=r"no convolution has run: .* none$"):
        locate_layer(nn.Sequential(nn.Linear(4, 2)), torch.zeros(1, 4), None)


def test_more_dimensions_than_the_inputs_are_refused() -> None:
    """A spectrogram made inside the network has no frequencies outside it."""
    net = nn.Sequential(nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 1, 3))
    with pytest.raises(InputError, match=r"layer 1 has 2 dimensions.*frontend"):
        locate_layer(net, torch.zeros(1, 64), None)


def test_captured_outputs_are_safe_from_what_follows() -> None:
    """An in-place activation works on a copy."""
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
    with torch.no_grad(), captured_outputs(net[0]) as calls:
        net(torch.randn(5, 3))
    assert (calls[0] < 0).any()
    assert not net[0]._forward_hooks
