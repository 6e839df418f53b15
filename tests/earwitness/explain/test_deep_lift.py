"""DeepLIFT against captum and shap where they are right, and completeness where neither is."""

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest
import shap
import torch
from captum.attr import DeepLift as Peer
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.deep_lift import DeepLift
from earwitness.explain.gradients import GradientXInput

Unchanged = Callable[[nn.Module], AbstractContextManager[None]]
Oracle = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]

ACTIVATIONS = [nn.ReLU, nn.Sigmoid, nn.Tanh, nn.ELU, nn.LeakyReLU, nn.Softplus]


def by_captum(net: nn.Module, inputs: Tensor, baseline: Tensor, target: Tensor) -> Tensor:
    """The values that captum finds; right without max pooling, whose rule mixes a batch's items."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Peer(net).attribute(inputs, baseline, target).detach()


def by_shap(net: nn.Module, inputs: Tensor, baseline: Tensor, target: Tensor) -> Tensor:
    """The values that shap finds, item by item; right unless windows of max pooling overlap."""
    items = zip(inputs.split(1), baseline.split(1), target.tolist(), strict=True)
    found = [
        shap.DeepExplainer(net, start).shap_values(item, check_additivity=False)[..., label]
        for item, start, label in items
    ]
    return torch.from_numpy(np.concatenate(found))


@pytest.mark.parametrize(("pool", "oracle"), [(nn.AvgPool1d, by_captum), (nn.MaxPool1d, by_shap)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equals_peers(
    activation: type[nn.Module],
    pool: type[nn.MaxPool1d],
    oracle: Oracle,
    waves: Tensor,
    target: Tensor,
) -> None:
    """Each activation, before and after pooling, from silence in dB."""
    torch.manual_seed(3)
    net = nn.Sequential(
        *(nn.Conv1d(1, 4, 5), activation(), pool(2), nn.Conv1d(4, 3, 3), pool(2), activation()),
        *(nn.AvgPool1d(2), nn.Flatten(), nn.Linear(21, 5), activation(), nn.Linear(5, 3)),
    ).double()
    silence = waves.amin((1, 2), keepdim=True).expand_as(waves)
    expected = oracle(net, waves, silence, target)
    found = DeepLift("minimum")(net, waves, target)
    torch.testing.assert_close(found.values, expected, rtol=1e-8, atol=1e-12)


def test_pictures_equal_shap(image_net: nn.Module, images: Tensor, target: Tensor) -> None:
    """Two-dimensional pooling, groups and dilation, from zero."""
    expected = by_shap(image_net.eval(), images, torch.zeros_like(images), target)
    found = DeepLift()(image_net, images, target)
    torch.testing.assert_close(found.values, expected, rtol=1e-8, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    baseline=st.sampled_from(["zero", "minimum"]),
    pool=st.sampled_from(
        [nn.MaxPool1d(3, 2, ceil_mode=True), nn.MaxPool1d(4, 1, 1), nn.AdaptiveMaxPool1d(7)]
    ),
)
def test_complete(seed: int, baseline: str, pool: nn.Module) -> None:
    """Windows may overlap and a layer may serve twice: the sum is f(x) - f(baseline)."""
    torch.manual_seed(seed)
    twice = nn.ReLU()
    net = nn.Sequential(
        *(nn.Conv1d(1, 3, 3), twice, pool, nn.Conv1d(3, 2, 3), twice, nn.AdaptiveAvgPool1d(4)),
        *(nn.Flatten(), nn.Linear(8, 2), nn.Tanh()),
    ).double()
    inputs, target = torch.randn(3, 1, 20, dtype=torch.float64), torch.tensor([0, 1, 1])
    found = DeepLift(baseline)(net, inputs, target)
    start = torch.zeros_like(inputs) if baseline == "zero" else inputs.amin(2, keepdim=True)
    change = (net(inputs) - net(start + 0 * inputs)).gather(1, target[:, None])[:, 0].detach()
    torch.testing.assert_close(found.values.sum((1, 2)), change, rtol=0, atol=1e-10)
    assert found.gap is not None
    assert found.gap.abs().max() < 1e-10


def test_linear_networks_are_gradient_times_input(waves: Tensor, target: Tensor) -> None:
    """Without activations there is nothing to rescale."""
    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(62, 3))
    values = (
        method(net.double(), waves, target).values for method in (DeepLift(), GradientXInput())
    )
    torch.testing.assert_close(next(values), next(values))


def test_sees_past_saturation() -> None:
    """1 - ReLU(1 - a - b) is flat at a = b = 1; each has its half nevertheless (section 2.1)."""
    net = nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 1)).double()
    for name, value in (("0.weight", -1.0), ("0.bias", 1.0), ("2.weight", -1.0), ("2.bias", 1.0)):
        net.get_parameter(name).data.fill_(value)
    found = DeepLift()(net, torch.ones(1, 2).double(), torch.tensor([0]))
    assert found.values.tolist() == [[0.5, 0.5]]


def test_items_do_not_influence_each_other(
    wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """Alone, in a batch, and where half of an item equals its baseline."""
    waves[0, 0, 20:] = 0
    together = DeepLift()(wave_net, waves, target).values
    for index in range(3):
        item = slice(index, index + 1)
        alone = DeepLift()(wave_net, waves[item], target[item]).values
        torch.testing.assert_close(alone, together[item], rtol=1e-10, atol=1e-13)
    assert not together[0, 0, 20:].any()


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-7, 1.0, 1e4])
def test_any_loudness(scale: float, wave_net: nn.Module, waves: Tensor, target: Tensor) -> None:
    """In float32 the gap stays rounding from silence to far too loud."""
    net, inputs = wave_net.float(), (waves * scale).float()
    found = DeepLift()(net, inputs, target)
    assert found.values.isfinite().all()
    assert found.gap is not None
    assert (found.gap.abs() <= 1e-5 * (1 + found.outputs.abs().amax(1))).all()


def test_rounding_makes_no_slope() -> None:
    """Two large contributions that cancel to the last digits of float32 leave the derivative."""
    net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    net.get_parameter("0.weight").data = torch.tensor([[1.0, -1.0]])
    net.get_parameter("0.bias").data.fill_(1.0)
    inputs = torch.tensor([[1.0, 1.0 + 3e-7]])
    found = DeepLift()(net, inputs, torch.tensor([0])).values
    torch.testing.assert_close(found, torch.tensor([[0.1966, -0.1966]]), rtol=1e-3, atol=0)


class _Recurrent(nn.Module):
    """A layer with gates of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(1, 6, batch_first=True)
        self.last = nn.Linear(6, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(b, 1, n)` -> `(b, 3)`."""
        return self.last(self.cells(inputs.transpose(1, 2))[0][:, -1])


class _Written(nn.Module):
    """An activation that is no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(64, 9), nn.Linear(9, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(b, 1, 64)` -> `(b, 3)`."""
        return self.last(F.relu(self.first(inputs.flatten(1))))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (_Recurrent, r"layer cells \(LSTM\) has no rule.*choose integrated gradients"),
        (_Written, r"not linear outside of its layers.*nn\.ReLU"),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 3), nn.Softmax(1)),
            r"layer 2 \(Softmax\) has no rule.*explain logits",
        ),
    ],
)
def test_what_has_no_rule_is_named(
    kind: Callable[[], nn.Module], message: str, waves: Tensor, target: Tensor, unchanged: Unchanged
) -> None:
    """Its derivative would pass for a slope; the network is as it was afterwards."""
    torch.manual_seed(0)  # some weights keep even a softmax as good as linear
    net = kind().double()
    with unchanged(net), pytest.raises(InputError, match=message):
        DeepLift()(net, waves, target)


def test_network_is_left_as_it_was(
    wave_net: nn.Module, waves: Tensor, target: Tensor, unchanged: Unchanged
) -> None:
    """Hooks and in-place flags, after success and after each kind of failure."""
    wave_net.train()
    with unchanged(wave_net):
        expected = DeepLift()(wave_net, waves, target).values
    for error, inputs, labels in (
        (RuntimeError, waves[:, :, :5], target),
        (InputError, waves, target - 1),
    ):
        with unchanged(wave_net), pytest.raises(error):
            DeepLift()(wave_net, inputs, labels)
    assert DeepLift()(wave_net, waves, target).values.equal(expected)


def test_unknown_baseline_is_refused() -> None:
    """Before anything runs."""
    with pytest.raises(InputError, match="baseline=one: choose one of zero, minimum"):
        DeepLift(baseline="one")
