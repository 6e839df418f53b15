"""Sums written in a `forward`: against zennit's sum layer, against loops, and conservation."""

from collections.abc import Callable

import pytest
import torch
import torchvision
import zennit.rules as peer
from torch import Tensor, nn
from zennit.attribution import Gradient as PeerAttributor
from zennit.composites import LayerMapComposite
from zennit.layer import Sum as PeerSum
from zennit.types import Activation, AvgPool, BatchNorm, Convolution

from earwitness.explain.lrp import (
    Composite,
    Epsilon,
    EpsilonPlus,
    Relevance,
    Rule,
    UnsupportedLayerError,
    ZPlus,
    relevance,
)

EXACT = Composite(*[Epsilon(1e-12)] * 5)
KINDS = {1: (nn.Conv1d, nn.BatchNorm1d), 2: (nn.Conv2d, nn.BatchNorm2d)}


class _Written(nn.Module):
    """A sum as users write it."""

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        left += right
        return left


class _Stacked(nn.Module):
    """The same sum as zennit wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.sum = PeerSum(dim=-1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.sum(torch.stack([left, right], dim=-1))


class _Block(nn.Module):
    """Two convolutions and a shortcut around them, as in ResNet."""

    def __init__(self, dimensions: int, add: nn.Module) -> None:
        super().__init__()
        convolution, norm = KINDS[dimensions]
        self.first, self.second = (convolution(4, 4, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(trained(norm(4)) for _ in range(2))
        self.relu = nn.ReLU(inplace=True)
        self.add = add

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.relu(self.norms[0](self.first(inputs)))
        return self.relu(self.add(self.norms[1](self.second(hidden)), inputs))


def trained(norm: nn.Module) -> nn.Module:
    """Give a batch normalisation statistics and parameters as training would."""
    assert isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.normal_(std=0.1)
    norm.running_var.uniform_(0.5, 2.0)
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    return norm


def residual(dimensions: int, add: Callable[[], nn.Module]) -> nn.Module:
    """Two residual blocks between a convolution and a dense layer; `(b, 2, 8)` or `(b, 2, 8, 8)`.

    The seed is reset, so that every kind of sum stands in the same network.
    """
    torch.manual_seed(3)
    blocks = [_Block(dimensions, add()) for _ in range(2)]
    convolution, _ = KINDS[dimensions]
    dense = nn.Linear(4 * 8**dimensions, 3)
    return nn.Sequential(convolution(2, 4, 3, padding=1), *blocks, nn.Flatten(), dense).double()


def sounds(dimensions: int) -> Tensor:
    """Three inputs of a residual network."""
    return torch.randn(3, 2, *[8] * dimensions, dtype=torch.float64)


def explained(found: Relevance, target: Tensor) -> Tensor:
    """The logits that were explained `(batch,)`."""
    return found.logits.gather(1, target[:, None])[:, 0]


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize(
    ("rule", "oracle"),
    [(Epsilon(0.01), peer.Epsilon(0.01)), (ZPlus(), peer.ZPlus())],
)
def test_equals_zennit(rule: Rule, oracle: peer.BasicHook, dimensions: int, target: Tensor) -> None:
    """Residual blocks with batch normalisation, whose sums zennit needs as layers."""
    inputs = sounds(dimensions)
    composite = LayerMapComposite(
        [
            (PeerSum, peer.Norm()),
            (Convolution, oracle),
            (nn.Linear, peer.Epsilon()),
            (BatchNorm, peer.Epsilon()),
            (AvgPool, peer.Norm()),
            (Activation, peer.Pass()),
        ]
    )
    theirs = residual(dimensions, _Stacked).eval()
    with PeerAttributor(model=theirs, composite=composite) as attribute:
        one_hot = nn.functional.one_hot(target, 3)
        expected = attribute(inputs, lambda outputs: outputs * one_hot)[1]
    ours = residual(dimensions, _Written)
    found = relevance(ours, inputs, target, Composite(convolution=rule))
    assert (found.inputs - expected).norm() <= 1e-6 * expected.norm()
    torch.testing.assert_close(found.logits, ours.eval()(inputs))


class _Sandwich(nn.Module):
    """Something between two dense layers; `(batch, 6)` -> `(batch, 3)`."""

    def __init__(self, between: Callable[..., Tensor]) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.last = nn.Linear(6, 3)
        self.between = between
        self.register_buffer("constant", torch.randn(6))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(self.between(self, self.first(inputs)))


def dense_epsilon(layer: nn.Linear, inputs: Tensor, upper: Tensor) -> Tensor:
    """The epsilon rule through one layer at one item, written as loops."""
    found, bias = torch.zeros_like(inputs), layer.bias.detach()
    for row, constant, share in zip(layer.weight.detach(), bias, upper, strict=True):
        denominator = row @ inputs + constant
        found += row * inputs / (denominator + 1e-6 * torch.sign(denominator)) * share
    return found


def test_equals_loops() -> None:
    """A shortcut around a dense layer, by the textbook formula of each step."""
    net = _Sandwich(lambda net, hidden: hidden + net.second(hidden)).double()
    inputs, target = torch.randn(1, 6, dtype=torch.float64), torch.tensor([1])
    found = relevance(net, inputs, target, Composite())
    hidden = net.first(inputs)[0].detach()
    other = net.second(hidden).detach()
    both = hidden + other
    start = torch.zeros(3, dtype=torch.float64)
    start[1] = net.last(both)[1]
    upper = dense_epsilon(net.last, both, start)
    per_unit = upper / (both + 1e-6 * torch.sign(both))
    upper = hidden * per_unit + dense_epsilon(net.second, hidden, other * per_unit)
    expected = dense_epsilon(net.first, inputs[0], upper)
    torch.testing.assert_close(found.inputs[0], expected, rtol=1e-10, atol=1e-12)


def aliased(net: nn.Module, hidden: Tensor) -> Tensor:
    """A sum in place that is seen through another name."""
    other = hidden
    other += net.second(hidden.relu())
    return hidden


SUMS = [
    pytest.param(lambda net, x: x + net.second(x), id="plus"),
    pytest.param(lambda net, x: torch.add(x, x.relu()), id="torch.add"),
    pytest.param(lambda net, x: x.add_(net.second(x.relu())), id="in place"),
    pytest.param(aliased, id="in place, by another name"),
    pytest.param(lambda net, x: sum([x, x.relu(), net.second(x)]), id="Python's sum"),
    pytest.param(lambda net, x: x + x, id="twice the same"),
    pytest.param(lambda net, x: x + x[:, :1], id="broadcast"),
    pytest.param(lambda net, x: x + net.constant, id="constant"),
    pytest.param(lambda net, x: net.constant + x, id="constant first"),
    pytest.param(lambda net, x: 1.5 + x, id="number"),
]


@pytest.mark.parametrize("between", SUMS)
def test_all_relevance_is_handed_on(between: Callable[..., Tensor]) -> None:
    """However a sum is written: inputs, biases and constants share the logit to 1e-8."""
    net, target = _Sandwich(between).double(), torch.tensor([0, 2])
    inputs = torch.randn(2, 6, dtype=torch.float64)
    before = [
        parameter.requires_grad_(index > 1) for index, parameter in enumerate(net.parameters())
    ]
    found = relevance(net, inputs, target, EXACT)
    total = found.inputs.sum(1) + found.absorbed
    torch.testing.assert_close(total, explained(found, target), rtol=1e-8, atol=1e-8)
    assert found.logits.equal(net(inputs))
    assert [parameter.requires_grad for parameter in before] == [False] * 2 + [True] * 4


@pytest.mark.parametrize("dimensions", [1, 2])
def test_without_biases_all_relevance_reaches_the_input(dimensions: int, target: Tensor) -> None:
    """Residual networks conserve: |sum R - f| <= 1e-8 |f|."""
    net = residual(dimensions, _Written)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.zeros_(module.running_mean)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)
    found = relevance(net, sounds(dimensions), target, EXACT)
    logits = explained(found, target)
    assert ((found.inputs.flatten(1).sum(1) - logits).abs() <= 1e-8 * logits.abs()).all()


def test_a_constant_keeps_its_share() -> None:
    """3 + 1, of which the 1 is a constant: it keeps a quarter, item by item."""
    net = nn.Sequential(_Adding(torch.ones(1)))
    found = relevance(net, torch.tensor([[3.0], [1.0]]), torch.tensor([0, 0]), EXACT)
    torch.testing.assert_close(found.inputs, torch.tensor([[3.0], [1.0]]))
    torch.testing.assert_close(found.absorbed, torch.tensor([1.0, 1.0]))


class _Adding(nn.Module):
    """Adds a constant after a layer."""

    def __init__(self, constant: Tensor) -> None:
        super().__init__()
        self.layer = nn.Identity()
        self.constant = constant

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs) + self.constant


@pytest.mark.parametrize("composite", [EXACT, EpsilonPlus()])
def test_resnet_of_torchvision_runs(composite: Composite) -> None:
    """The model as everybody has it, untouched; inputs and biases share the logit."""
    torch.manual_seed(0)
    net = torchvision.models.resnet18(num_classes=3).double()
    inputs, target = torch.randn(2, 3, 32, 32, dtype=torch.float64), torch.tensor([1, 2])
    found = relevance(net, inputs, target, composite)
    total = found.inputs.sum((1, 2, 3)) + found.absorbed
    tolerance = 1e-8 if composite is EXACT else 1e-3
    torch.testing.assert_close(total, explained(found, target), rtol=tolerance, atol=0)


def test_items_do_not_influence_each_other(target: Tensor) -> None:
    """An item has the same relevance alone as in a batch."""
    net, inputs = residual(1, _Written), sounds(1)
    together = relevance(net, inputs, target, EpsilonPlus())
    alone = relevance(net, inputs[1:2], target[1:2], EpsilonPlus())
    torch.testing.assert_close(alone.inputs, together.inputs[1:2], rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(alone.absorbed, together.absorbed[1:2], rtol=1e-9, atol=1e-12)


class _Doubled(nn.Module):
    """A layer that adds within itself."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs + inputs


def test_sums_within_a_layer_are_its_own() -> None:
    """A rule by name covers a whole module; the sum in it keeps its plain gradient."""
    net = nn.Sequential(nn.Linear(6, 6), _Doubled(), nn.Linear(6, 3)).double()
    written = _Sandwich(lambda net, x: x + x).double()
    written.first, written.last = net[0], net[2]
    inputs, target = torch.randn(2, 6, dtype=torch.float64), torch.tensor([0, 2])
    by_name = relevance(net, inputs, target, Composite(names={"1": Epsilon()})).inputs
    torch.testing.assert_close(by_name, relevance(written, inputs, target, Composite()).inputs)


def changed_view(net: nn.Module, hidden: Tensor) -> Tensor:
    """A sum into a part of a tensor."""
    hidden[:, :2] += 1.0
    return hidden


@pytest.mark.parametrize(
    ("between", "operation"),
    [
        (lambda net, x: torch.add(x, x.relu(), alpha=2), "Add"),
        (changed_view, "AsStrided, .*CopySlices"),
        (lambda net, x: x - net.constant, "Sub"),
        (lambda net, x: x * 2, "Mul"),
    ],
)
def test_other_arithmetic_is_refused(between: Callable[..., Tensor], operation: str) -> None:
    """By name; afterwards sums are sums again, and the same layers do in a network that is fine."""
    net, target = _Sandwich(between).double(), torch.tensor([0, 2])
    inputs = torch.randn(2, 6, dtype=torch.float64)
    with pytest.raises(UnsupportedLayerError, match=f"computes {operation} outside"):
        relevance(net, inputs, target, EXACT)
    source = inputs.clone().requires_grad_()
    assert type(source + source).__name__ == "Tensor"
    assert (source + source).grad_fn.name() == "AddBackward0"
    net.between = lambda net, x: x + net.second(x)
    assert relevance(net, inputs, target, EXACT).inputs.any()
