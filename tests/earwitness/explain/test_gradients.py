"""The gradient methods against captum, and against what must hold for each."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import captum.attr as peer
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import Attributor
from earwitness.explain.baselines import standard_noise, value_range
from earwitness.explain.gradients import Gradient, GradientXInput, IntegratedGradients, SmoothGrad

Unchanged = Callable[[nn.Module], AbstractContextManager[None]]

SAMPLED = [IntegratedGradients(steps=7), SmoothGrad(draws=7)]
METHODS: list[Attributor] = [Gradient(), GradientXInput(), *SAMPLED]


@pytest.fixture(params=["waves", "images"])
def case(request: pytest.FixtureRequest) -> tuple[nn.Module, Tensor]:
    """A network in evaluation mode, which captum needs, and a batch for it."""
    net, batch = ("wave_net", "waves") if request.param == "waves" else ("image_net", "images")
    return request.getfixturevalue(net).eval(), request.getfixturevalue(batch)


ORACLES = [
    (Gradient(), lambda net, x, t: peer.Saliency(net).attribute(x, t, abs=False)),
    (GradientXInput(), lambda net, x, t: peer.InputXGradient(net).attribute(x, t)),
    (
        IntegratedGradients(steps=50),
        lambda net, x, t: peer.IntegratedGradients(net).attribute(x, target=t, n_steps=50),
    ),
    (
        IntegratedGradients(steps=20, baseline="minimum"),
        lambda net, x, t: peer.IntegratedGradients(net).attribute(
            x, x.amin((*range(1, x.dim()),), keepdim=True).expand_as(x), t, n_steps=20
        ),
    ),
]


@pytest.mark.parametrize(("method", "oracle"), ORACLES, ids=lambda given: type(given).__name__)
def test_equals_captum(
    method: Attributor,
    oracle: Callable[..., Tensor],
    case: tuple[nn.Module, Tensor],
    target: Tensor,
) -> None:
    """To the seven digits that captum's weights of steps have, and the network's outputs."""
    net, inputs = case
    expected = oracle(net, inputs.clone().requires_grad_(), target).detach()
    found = method(net, inputs, target)
    assert (found.values - expected).norm() <= 1e-7 * expected.norm()
    torch.testing.assert_close(found.outputs, net(inputs).detach())


def test_smooth_grad_is_the_mean_over_noisy_copies(
    case: tuple[nn.Module, Tensor], target: Tensor
) -> None:
    """Against captum's gradient of each copy by itself."""
    net, inputs = case
    noise = 0.2 * value_range(inputs)[:, None] * standard_noise((5, *inputs.shape[1:]), 3, inputs)
    copies = (inputs[:, None] + noise).transpose(0, 1)
    saliency = peer.Saliency(net)
    each = [saliency.attribute(copy.requires_grad_(), target, abs=False) for copy in copies]
    found = SmoothGrad(draws=5, noise=0.2, seed=3)(net, inputs, target)
    torch.testing.assert_close(found.values, torch.stack(each).mean(0), rtol=1e-10, atol=1e-12)
    assert found.gap is None


def test_smooth_grad_sees_through_a_ripple() -> None:
    """A gradient that alternates with the input is smoothed to the slope beneath it."""
    net = nn.Sequential(_Ripple(), nn.Linear(4, 2, bias=False))
    inputs = torch.linspace(0, 1, 4)[None]
    plain, smooth = (
        method(net, inputs, torch.tensor([1])).values
        for method in (Gradient(), SmoothGrad(draws=400))
    )
    slope = net[1].weight[1].detach()
    assert (smooth - slope).norm() < 0.2 * (plain - slope).norm()


class _Ripple(nn.Module):
    """A straight line with a fast wave on it."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Like `inputs`."""
        return inputs + (50 * inputs).sin() / 50


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), baseline=st.sampled_from(["zero", "minimum"]))
def test_integrated_gradients_are_complete(seed: int, baseline: str) -> None:
    """On a smooth network the sum of values is f(x) - f(baseline), and the gap says so."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    inputs, target = torch.randn(4, 6, dtype=torch.float64), torch.tensor([0, 1, 2, 0])
    found = IntegratedGradients(steps=40, baseline=baseline)(net, inputs, target)
    start = torch.zeros_like(inputs) if baseline == "zero" else inputs.amin(1, keepdim=True)
    change = (net(inputs) - net(start + 0 * inputs)).gather(1, target[:, None])[:, 0].detach()
    torch.testing.assert_close(found.values.sum(1), change, rtol=0, atol=1e-8)
    assert found.gap is not None
    assert found.gap.abs().max() < 1e-8


def test_gap_is_what_is_missing(wave_net: nn.Module, waves: Tensor, target: Tensor) -> None:
    """Too few steps leave something, and output minus sum is what the gap says."""
    wave_net.eval()
    found = IntegratedGradients(steps=1)(wave_net, waves, target)
    change = (found.outputs - wave_net(torch.zeros_like(waves))).gather(1, target[:, None])[:, 0]
    assert found.gap is not None
    torch.testing.assert_close(found.gap, (change - found.values.sum((1, 2))).detach())
    assert found.gap.abs().min() > 1e-4


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_gradient_x_input_leaves_the_biases(seed: int) -> None:
    """Nothing without biases; in a linear network, with them, exactly the bias."""
    torch.manual_seed(seed)
    relu = nn.Sequential(nn.Linear(5, 7, False), nn.ReLU(), nn.Linear(7, 2, False)).double()
    dense = nn.Linear(5, 2).double()
    inputs, target = torch.randn(3, 5, dtype=torch.float64), torch.tensor([0, 1, 1])
    for net, expected in ((relu, torch.zeros(3)), (dense, dense.bias.detach()[target])):
        gap = GradientXInput()(net, inputs, target).gap
        assert gap is not None
        torch.testing.assert_close(gap, expected.double(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_what_the_network_ignores_has_no_value(
    method: Attributor, waves: Tensor, target: Tensor
) -> None:
    """Half of the samples do not matter, and the other half does."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    net.get_parameter("1.weight").data[:, 32:] = 0
    values = method(net, waves, target).values
    assert not values[:, :, 32:].any()
    assert values[:, :, :32].all()


@pytest.mark.parametrize("method", METHODS)
def test_items_do_not_influence_each_other(
    method: Attributor, case: tuple[nn.Module, Tensor], target: Tensor
) -> None:
    """An item has the same values alone, and in another place of the batch."""
    net, inputs = case
    together = method(net, inputs, target).values
    turned = method(net, inputs.flip(0), target.flip(0)).values.flip(0)
    alone = method(net, inputs[1:2], target[1:2]).values
    torch.testing.assert_close(turned, together, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(alone, together[1:2], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("method", SAMPLED)
def test_values_do_not_depend_on_the_batch_size(
    method: IntegratedGradients | SmoothGrad, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """In float32, for sizes that divide the work and sizes that do not."""
    net, inputs = wave_net.float(), waves.float()
    expected = method(net, inputs, target).values
    for size in (1, 4, 21, 100):
        found = replace(method, batch_size=size)(net, inputs, target).values
        assert (found - expected).abs().max() <= 1e-6 * expected.abs().max()


def test_a_seed_is_all_there_is_to_chance(
    wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """The same seed gives the same bytes, another one other values."""
    first, again, other = (
        SmoothGrad(draws=3, seed=seed)(wave_net, waves, target).values for seed in (0, 0, 1)
    )
    assert first.equal(again)
    assert not first.isclose(other).all()


@pytest.mark.parametrize("method", METHODS)
def test_network_is_left_as_it_was(
    method: Attributor, wave_net: nn.Sequential, waves: Tensor, target: Tensor, unchanged: Unchanged
) -> None:
    """Training, half frozen, in-place layers; after success and after every kind of failure."""
    wave_net.train()
    wave_net[3].eval().requires_grad_(False)
    with unchanged(wave_net):
        expected = method(wave_net, waves, target).values
    failures: list[tuple[type[Exception], Tensor, Tensor]] = [
        (RuntimeError, waves[:, :, :5], target),
        (InputError, waves * torch.nan, target),
        (InputError, waves.long(), target),
        (InputError, waves, target + 1),
        (InputError, waves, target[:2]),
    ]
    for error, inputs, labels in failures:
        with unchanged(wave_net), pytest.raises(error):
            method(wave_net, inputs, labels)
    assert method(wave_net, waves, target).values.equal(expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_gradients_may_be_off(
    mode: Callable[[], Any], method: Attributor, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """The caller's mode does not matter, nor does it change."""
    expected = method(wave_net, waves, target).values
    with mode():
        assert method(wave_net, waves * 1, target * 1).values.equal(expected)
        assert not torch.is_grad_enabled()


@pytest.mark.parametrize("method", METHODS)
def test_one_class_is_enough(method: Attributor, waves: Tensor) -> None:
    """A detector with a single output."""
    net = nn.Sequential(nn.Flatten(), nn.ReLU(inplace=True), nn.Linear(64, 1)).double()
    before = waves.clone()
    assert method(net, waves, torch.zeros(3, dtype=torch.long)).values.any()
    assert waves.equal(before)


@pytest.mark.parametrize("method", METHODS)
def test_silence_has_finite_values(
    method: Attributor, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """No range, no way from the baseline: nothing divides by it."""
    assert method(wave_net, torch.zeros_like(waves), target).values.isfinite().all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: IntegratedGradients(baseline="mean"),
            "baseline=mean: choose one of zero, minimum",
        ),
        (lambda: IntegratedGradients(steps=0), "steps = 0: choose one above zero"),
        (lambda: SmoothGrad(noise=0.0), r"noise = 0\.0"),
        (lambda: SmoothGrad(batch_size=0), "batch_size = 0"),
    ],
)
def test_settings_without_meaning_are_refused(make: Callable[[], Any], message: str) -> None:
    """Before anything runs, naming the setting."""
    with pytest.raises(InputError, match=message):
        make()
