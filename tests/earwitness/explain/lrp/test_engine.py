"""The engine: conservation, independence of items, and a model left as it was found."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from captum.attr import InputXGradient
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.lrp import (
    Composite,
    Epsilon,
    EpsilonAlpha2Beta1,
    EpsilonPlus,
    Relevance,
    UnsupportedLayerError,
    relevance,
)
from earwitness.explain.lrp.layers import Call

EXACT = Composite(dense=Epsilon(1e-12), convolution=Epsilon(1e-12), average=Epsilon(1e-12))
COMPOSITES = [Composite(), EpsilonPlus(), EpsilonAlpha2Beta1()]


def explained(found: Relevance, target: Tensor) -> Tensor:
    """The logits that were explained `(batch,)`."""
    return found.logits.gather(1, target[:, None])[:, 0]


def network(seed: int, channels: list[int], bias: bool) -> nn.Sequential:
    """Random convolutions with pooling, then two dense layers; takes `(b, 1, 24)`."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in zip([1, *channels], channels, strict=False):
        layers.append(nn.Conv1d(inputs, outputs, 3, padding=1, bias=bias))
        layers += [nn.ReLU(), nn.MaxPool1d(2, ceil_mode=True)]
    dense = [nn.Flatten(), nn.LazyLinear(6, bias=bias), nn.ReLU(), nn.Linear(6, 3, bias=bias)]
    net = nn.Sequential(*layers, *dense).double()
    net(torch.zeros(1, 1, 24, dtype=torch.float64))
    return net


SEEDS = st.integers(0, 2**31)
CHANNELS = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, channels=CHANNELS)
def test_without_biases_all_relevance_reaches_the_input(seed: int, channels: list[int]) -> None:
    """The sum of relevance is the logit: |sum R - f| <= 1e-8 |f|."""
    net, target = network(seed, channels, bias=False), torch.tensor([0, 2])
    found = relevance(net, torch.randn(2, 1, 24, dtype=torch.float64), target, EXACT)
    logits = explained(found, target)
    assume(bool((logits.abs() > 1e-3).all()))
    assert ((found.inputs.sum((1, 2)) - logits).abs() <= 1e-8 * logits.abs()).all()
    assert not found.absorbed.any()


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, channels=CHANNELS)
def test_inputs_and_biases_share_all_relevance(seed: int, channels: list[int]) -> None:
    """The sum of relevance and of what biases kept is the logit; biases do keep something."""
    net, target = network(seed, channels, bias=True), torch.tensor([1, 2])
    found = relevance(net, torch.randn(2, 1, 24, dtype=torch.float64), target, EXACT)
    logits = explained(found, target)
    assume(bool((logits.abs() > 1e-3).all()))
    total = found.inputs.sum((1, 2)) + found.absorbed
    assert ((total - logits).abs() <= 1e-8 * logits.abs()).all()
    assert found.absorbed.all()


def test_epsilon_without_epsilon_is_input_times_gradient(
    waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """For piecewise linear networks the two agree as epsilon vanishes (Ancona et al. 2018)."""
    expected = InputXGradient(waveform_net).attribute(waves.requires_grad_(), target=target)
    found = relevance(waveform_net, waves, target, EXACT).inputs
    torch.testing.assert_close(found, expected.detach(), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("composite", COMPOSITES)
def test_items_do_not_influence_each_other(
    composite: Composite, image_net: nn.Module, images: Tensor, target: Tensor
) -> None:
    """An item has the same relevance alone as in a batch, and the same share kept by biases."""
    together = relevance(image_net, images, target, composite)
    for index in range(len(images)):
        item = slice(index, index + 1)
        alone = relevance(image_net, images[item], target[item], composite)
        torch.testing.assert_close(alone.inputs, together.inputs[item], rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(alone.absorbed, together.absorbed[item], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("composite", COMPOSITES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_zero_input_gives_finite_relevance(
    composite: Composite, dtype: torch.dtype, waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """With and without biases: every denominator may be zero."""
    silence = torch.zeros_like(waves, dtype=dtype)
    assert relevance(waveform_net.to(dtype), silence, target, composite).inputs.isfinite().all()
    for name, parameter in waveform_net.named_parameters():
        parameter.data.mul_(not name.endswith("bias"))
    assert not relevance(waveform_net, silence, target, composite).inputs.any()


def state(model: nn.Module) -> list[Any]:
    """All that the engine could leave changed."""
    modules = [
        (module.training, getattr(module, "inplace", None), sorted(vars(module)))
        for module in model.modules()
    ]
    hooks = [
        (len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks))
        for module in model.modules()
    ]
    parameters = [
        (id(value), value.detach().numpy().tobytes(), value.requires_grad, value.grad)
        for value in model.parameters()
    ]
    return [modules, hooks, parameters, [value.numpy().tobytes() for value in model.buffers()]]


@pytest.fixture
def mixed_net(image_net: nn.Sequential) -> nn.Sequential:
    """A network with a batch normalisation, half of it training, half of it frozen."""
    image_net[1].insert(1, nn.BatchNorm2d(8).double())
    image_net.train()
    image_net[0].eval().requires_grad_(False)
    return image_net


def test_model_is_left_as_it_was(mixed_net: nn.Module, images: Tensor, target: Tensor) -> None:
    """Modes, parameters, running statistics, hooks and gradients after success."""
    before = state(mixed_net)
    relevance(mixed_net, images, target, EpsilonPlus())
    assert state(mixed_net) == before


class _Broken(Epsilon):
    """A rule that fails on the way back."""

    def __call__(self, call: Call, relevance: Tensor) -> tuple[Tensor, Tensor | None]:
        raise ArithmeticError("on the way back")


FAILURES = [
    pytest.param(lambda x: x[:, :1], Composite(), 0, RuntimeError, id="way forward"),
    pytest.param(lambda x: x, Composite(dense=_Broken()), 0, ArithmeticError, id="way back"),
    pytest.param(lambda x: x, Composite(), 3, InputError, id="no such class"),
    pytest.param(lambda x: x, Composite(), -1, InputError, id="negative class"),
    pytest.param(lambda x: x * torch.nan, Composite(), 0, InputError, id="not a number"),
    pytest.param(lambda x: x.long(), Composite(), 0, InputError, id="integers"),
    pytest.param(lambda x: x[:2], Composite(), 0, InputError, id="fewer inputs than classes"),
]


@pytest.mark.parametrize(("change", "composite", "label", "error"), FAILURES)
def test_model_is_left_as_it_was_after_failure(
    change: Callable[[Tensor], Tensor],
    composite: Composite,
    label: int,
    error: type[Exception],
    mixed_net: nn.Module,
    images: Tensor,
    target: Tensor,
) -> None:
    """Whatever goes wrong, nothing stays behind and the next call gives what the last one gave."""
    expected = relevance(mixed_net, images, target, EpsilonPlus()).inputs
    before = state(mixed_net)
    with pytest.raises(error):
        relevance(mixed_net, change(images), torch.full_like(target, label), composite)
    assert state(mixed_net) == before
    assert relevance(mixed_net, images, target, EpsilonPlus()).inputs.equal(expected)


def test_unsupported_layer_is_found_before_anything_runs(
    mixed_net: nn.Sequential, images: Tensor, target: Tensor
) -> None:
    """The last layer is unsupported; the first is not even called. Without it all is well."""
    calls: list[str] = []
    mixed_net[0].register_forward_pre_hook(lambda *_: calls.append("called"))
    mixed_net.append(nn.Softmax(dim=1))
    before = state(mixed_net)
    with pytest.raises(UnsupportedLayerError, match=r"layer 5 \(Softmax\)"):
        relevance(mixed_net, images, target, EpsilonPlus())
    assert not calls
    assert state(mixed_net) == before
    assert relevance(mixed_net[:-1], images, target, EpsilonPlus()).inputs.any()


class _Written(nn.Module):
    """A network whose `forward` is written out; one layer serves twice."""

    def __init__(self, between: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first = nn.Linear(10, 10)
        self.last = nn.Linear(10, 3)
        self.between = between

    def forward(self, inputs: Tensor) -> Tensor:
        """`(batch, 2, 5)` -> `(batch, 3)`."""
        hidden = F.relu(self.first(inputs.flatten(1)))
        return self.last(self.between(self.first(hidden)))


def test_any_module_will_do() -> None:
    """Functional ReLU and reshaping, a layer called twice: conservation still holds."""
    net = _Written(lambda hidden: hidden.view(-1, 2, 5).transpose(1, 2).flatten(1)).double()
    target = torch.tensor([0, 1])
    found = relevance(net, torch.randn(2, 2, 5, dtype=torch.float64), target, EXACT)
    total = found.inputs.sum((1, 2)) + found.absorbed
    torch.testing.assert_close(total, explained(found, target), rtol=1e-8, atol=0)


@pytest.mark.parametrize(
    ("between", "operation"),
    [(lambda x: x - 1, "Sub"), (torch.sigmoid, "Sigmoid"), (lambda x: x * x.mean(), "Mean, Mul")],
)
def test_arithmetic_outside_layers_is_refused(
    between: Callable[[Tensor], Tensor], operation: str
) -> None:
    """Its gradient would pass for relevance and conserve nothing."""
    net, target = _Written(between).double(), torch.tensor([0])
    with pytest.raises(UnsupportedLayerError, match=f"computes {operation} outside"):
        relevance(net, torch.randn(1, 2, 5, dtype=torch.float64), target, EXACT)


def test_outputs_that_ignore_the_input_are_refused() -> None:
    """There is nothing to go back to, even if parameters have gradients."""
    net = _Written(lambda hidden: torch.zeros_like(hidden).detach()).double()
    with pytest.raises(InputError, match="do not depend on its input"):
        relevance(net, torch.randn(1, 2, 5, dtype=torch.float64), torch.tensor([0]), EXACT)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_gradients_may_be_off(
    mode: Callable[[], Any], waveform_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """The caller's mode does not matter, nor does it change."""
    expected = relevance(waveform_net, waves, target, EpsilonPlus()).inputs
    with mode():
        found = relevance(waveform_net, waves * 1, target, EpsilonPlus()).inputs
        assert not torch.is_grad_enabled()
    assert found.equal(expected)
