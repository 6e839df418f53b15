"""Explanations of a network that forgets: against Quantus, and a control that must fail."""

import copy
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import quantus
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.lrp import EpsilonPlus, relevance
from earwitness.judge.agreement import rank_correlation
from earwitness.judge.randomisation import ORIGINAL, cascading_randomisation

SAMPLES = 48


def mean_correlation(result: Tensor, original: Tensor) -> float:
    """Rank correlation of each item `(items, ...)`, averaged; NaN if one of them has none."""
    pairs = zip(result.detach(), original.detach(), strict=True)
    return float(np.mean([rank_correlation(*pair) for pair in pairs]))


def likeness(result: Tensor, original: Tensor) -> tuple[float, float]:
    """Rank correlation of explanations, of values with their sign and of magnitudes."""
    return mean_correlation(result, original), mean_correlation(result.abs(), original.abs())


def cascade(
    model: nn.Module, explain: Callable[[nn.Module], Tensor], seed: int = 0
) -> pd.DataFrame:
    """Likeness to the first explanation after each step, a row a layer."""
    original = explain(model)
    steps = [(ORIGINAL, explain(model))]
    steps += [
        (name, explain(randomised_model))
        for name, randomised_model in cascading_randomisation(model, seed)
    ]
    rows = ((name, *likeness(result, original)) for name, result in steps)
    return pd.DataFrame(rows, columns=["layer", "signed", "absolute"])


def tone(frequency: int, count: int, random: torch.Generator) -> Tensor:
    """Tones of random phase with noise `(count, 1, SAMPLES)`."""
    phase = 2 * torch.pi * torch.rand(count, 1, generator=random)
    times = torch.arange(SAMPLES) / SAMPLES
    noise = 0.3 * torch.randn(count, SAMPLES, generator=random)
    return (torch.sin(2 * torch.pi * frequency * times + phase) + noise)[:, None]


@pytest.fixture(scope="module")
def sounds() -> tuple[Tensor, Tensor]:
    """Two classes of tones, `(64, 1, SAMPLES)` and their classes."""
    random = torch.Generator().manual_seed(0)
    waves = torch.cat([tone(frequency, 32, random) for frequency in (3, 9)])
    return waves, torch.arange(2).repeat_interleave(32)


@pytest.fixture(scope="module")
def network(sounds: tuple[Tensor, Tensor]) -> nn.Sequential:
    """A convolutional network that has learned to tell the two tones apart."""
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv1d(1, 8, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2)),
        *(nn.Conv1d(8, 8, 5, padding=2), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Flatten(), nn.Linear(48, 16), nn.ReLU(), nn.Linear(16, 2)),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(sounds[0]), sounds[1]).backward()
        optimizer.step()
    assert (net(sounds[0]).argmax(1) == sounds[1]).all()
    return net.eval().requires_grad_(False)


@pytest.fixture
def gradient(sounds: tuple[Tensor, Tensor]) -> Callable[[nn.Module], Tensor]:
    """The gradient of the true class of eight sounds."""
    waves, classes = sounds[0][::8].clone().requires_grad_(), sounds[1][::8, None]
    return lambda net: torch.autograd.grad(net(waves).gather(1, classes).sum(), waves)[0]


def test_layers_are_taken_from_the_output_down(
    network: nn.Module, gradient: Callable[[nn.Module], Tensor]
) -> None:
    """One row a layer with parameters, after the network as it is, which explains as before."""
    result = cascade(network, gradient)
    assert result.layer.tolist() == ["original", "9", "7", "3", "0"]
    assert result.signed[0] == result.absolute[0] == pytest.approx(1)


def test_gradient_depends_on_what_was_learned(
    network: nn.Module, gradient: Callable[[nn.Module], Tensor]
) -> None:
    """It loses its likeness once all is random: near zero on average over seeds."""
    last = [cascade(network, gradient, seed).iloc[-1] for seed in range(5)]
    assert abs(np.mean([row.signed for row in last])) < 0.15
    assert abs(np.mean([row.absolute for row in last])) < 0.3


def test_the_input_itself_fails(network: nn.Module, sounds: tuple[Tensor, Tensor]) -> None:
    """Negative control: an explanation that does not look at the network stays at 1."""
    result = cascade(network, lambda net: sounds[0].abs())
    assert (result[["signed", "absolute"]] > 1 - 1e-9).all(axis=None)


def test_a_network_in_which_nothing_is_random_fails(
    gradient: Callable[[nn.Module], Tensor],
) -> None:
    """Negative control: layers that initialise themselves to what they were."""
    result = cascade(nn.Sequential(nn.Flatten(), _Fixed(SAMPLES, 2)), gradient)
    assert (result.absolute > 1 - 1e-9).all()


def test_z_plus_keeps_a_likeness_that_the_gradient_loses(
    network: nn.Module, sounds: tuple[Tensor, Tensor], gradient: Callable[[nn.Module], Tensor]
) -> None:
    """With nothing learned left, z+ still puts its magnitudes where it did (Sixt et al. 2020).

    A share that a positive summand always has makes it follow the input; this network's mean
    rank correlation of magnitudes ends near 0.6 for z+ and near 0 for the gradient.
    """
    waves, classes = sounds[0][::8], sounds[1][::8]

    def z_plus(net: nn.Module) -> Tensor:
        return relevance(net, waves, classes, EpsilonPlus()).inputs

    of_z_plus, of_gradient = (
        np.mean([cascade(network, explain, seed).absolute.iloc[-1] for seed in range(5)])
        for explain in (z_plus, gradient)
    )
    assert of_z_plus > of_gradient + 0.3


class _Fixed(nn.Linear):
    """A layer that always initialises itself to the same weight."""

    def reset_parameters(self) -> None:
        random = torch.Generator().manual_seed(self.in_features)
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=random)


@pytest.mark.parametrize(("column", "magnitudes"), [("signed", False), ("absolute", True)])
def test_equals_quantus(column: str, magnitudes: bool) -> None:
    """The same layers in the same order, randomised to the same weights."""
    torch.manual_seed(1)
    net = nn.Sequential(_Fixed(6, 8), nn.Tanh(), _Fixed(8, 4), nn.Tanh(), _Fixed(4, 3))
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    inputs, classes = torch.randn(5, 6), torch.tensor([0, 1, 2, 0, 1])

    def explain(model: nn.Module) -> Tensor:
        source = inputs.clone().requires_grad_()
        chosen = model(source).gather(1, classes[:, None]).sum()
        return inputs * torch.autograd.grad(chosen, source)[0]

    oracle = quantus.MPRT(abs=magnitudes, normalise=False, disable_warnings=True)
    expected = oracle(
        model=copy.deepcopy(net),
        x_batch=inputs[:, None].numpy(),
        y_batch=classes.numpy(),
        a_batch=None,
        explain_func=lambda model, **_: explain(model).numpy()[:, None],
        device="cpu",
    )
    result = cascade(net, explain)
    assert result.layer.tolist() == list(expected)
    np.testing.assert_allclose(
        result[column], [np.mean(row) for row in expected.values()], atol=1e-6
    )


def test_likeness_is_spearmans() -> None:
    """Item by item, of any shape, against scipy."""
    first, second = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    pairs = list(zip(first.flatten(1), second.flatten(1), strict=True))
    signed, absolute = likeness(first, second)
    assert signed == pytest.approx(np.mean([spearmanr(*pair).statistic for pair in pairs]))
    magnitudes = [spearmanr(left.abs(), right.abs()).statistic for left, right in pairs]
    assert absolute == pytest.approx(np.mean(magnitudes))


def test_an_explanation_without_ranks_has_no_likeness() -> None:
    """All zero: unknown rather than unlike."""
    assert np.isnan(likeness(torch.zeros(2, 4), torch.randn(2, 4))).all()


def test_leaves_model_and_random_numbers_alone(
    network: nn.Module, gradient: Callable[[nn.Module], Tensor]
) -> None:
    """The same seed gives the same table, another seed another; nothing else changes."""
    before = copy.deepcopy(network.state_dict())
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    tables = [cascade(network, gradient, seed) for seed in (0, 0, 1)]
    assert torch.rand(3).equal(expected)
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
    assert all(before[name].equal(value) for name, value in network.state_dict().items())


class _Scaled(nn.Module):
    """A layer with a parameter that nothing initialises."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))


def test_a_layer_that_cannot_be_randomised_is_named() -> None:
    """It would go on knowing what it learned, and the test would prove nothing."""
    with pytest.raises(InputError, match=r"layer 1 \(_Scaled\) cannot be randomised: give it"):
        cascade(nn.Sequential(nn.Linear(2, 2), _Scaled()), lambda net: torch.ones(1, 2))
