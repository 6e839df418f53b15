"""Expected gradients against shap's on the same draws, and what they must add up to."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
import pytest
import shap
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.expected_gradients import ExpectedGradients, expected_gradients

DRAWS, SEED = 12, 5


def shap_draws(items: int, baselines: int) -> tuple[Tensor, Tensor]:
    """The rows and places `(items, DRAWS)` that shap draws from `SEED`."""
    random = np.random.RandomState(SEED)
    drawn = [
        [(random.choice(baselines), random.uniform()) for _ in range(DRAWS)] for _ in range(items)
    ]
    pairs = torch.tensor(drawn, dtype=torch.float64)
    return pairs[..., 0].long(), pairs[..., 1]


@pytest.mark.parametrize("case", [("wave_net", "waves"), ("image_net", "images")])
def test_equals_shap(case: tuple[str, str], request: pytest.FixtureRequest) -> None:
    """The same draws give the same values; shap computes in float32."""
    net, inputs = (request.getfixturevalue(name).float() for name in case)
    baselines = inputs[:2].flip(0) * 0.5
    peer = shap.GradientExplainer(net, baselines, batch_size=4)
    # One class an item, and an item's draws begin where the last one's ended.
    expected, target = peer.shap_values(inputs, DRAWS, ranked_outputs=1, rseed=SEED)
    found = expected_gradients(net, inputs, target[:, 0], baselines, *shap_draws(3, 2))
    expected = torch.tensor(expected[..., 0], dtype=torch.float32)
    assert (found - expected).norm() <= 1e-6 * expected.norm()


def test_draws_do_matter(wave_net: nn.Module, waves: Tensor, target: Tensor) -> None:
    """Other places on the way give other values: the comparison above could fail."""
    rows, alphas = shap_draws(3, 2)
    first, second = (
        expected_gradients(wave_net, waves, target, waves[:2] / 2, rows, places)
        for places in (alphas, 1 - alphas)
    )
    assert not first.isclose(second).all()


@pytest.fixture
def explain(waves: Tensor) -> ExpectedGradients:
    """Expected gradients with two baselines."""
    return ExpectedGradients(DRAWS, baselines=waves[1:] / 2)


BOTH = [None, torch.ones(2, 1, 64).double().cumsum(2) / 64]


@pytest.mark.parametrize("baselines", BOTH, ids=["noise", "given"])
@pytest.mark.parametrize("baseline", ["zero", "minimum"])
def test_complete_up_to_draws(baselines: Tensor | None, baseline: str, waves: Tensor) -> None:
    """In a linear network only the choice of rows is left to chance, and it averages out."""
    net, target = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).double(), torch.tensor([0, 1, 1])
    method = ExpectedGradients(4000, baselines, baseline, noise=0.1, batch_size=500)
    gap = method(net, waves, target).gap
    assert gap is not None
    assert gap.abs().max() < 0.05


def test_gap_is_what_is_missing(
    explain: ExpectedGradients, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """The output minus the mean output for baselines minus the sum of values."""
    found = explain(wave_net.eval(), waves, target)
    expected = wave_net(waves[1:] / 2).mean(0)[target]
    change = found.outputs.gather(1, target[:, None])[:, 0] - expected
    assert found.gap is not None
    torch.testing.assert_close(found.gap, (change - found.values.sum((1, 2))).detach())


@pytest.mark.parametrize("baselines", BOTH, ids=["noise", "given"])
def test_values_depend_on_neither_batch(
    baselines: Tensor | None, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """Nor on who else is explained, nor on how many points the network is given at once."""
    method = ExpectedGradients(5, baselines)
    together = method(wave_net, waves, target)
    turned = method(wave_net, waves.flip(0), target.flip(0))
    smaller = replace(method, batch_size=2)(wave_net, waves, target)
    for values in (turned.values.flip(0), smaller.values):
        torch.testing.assert_close(values, together.values, rtol=1e-10, atol=1e-13)
    assert smaller.values.equal(replace(method, batch_size=2)(wave_net, waves, target).values)
    assert not replace(method, seed=1)(wave_net, waves, target).values.equal(together.values)


def test_network_is_left_as_it_was(
    explain: ExpectedGradients,
    wave_net: nn.Module,
    waves: Tensor,
    target: Tensor,
    unchanged: Callable[[nn.Module], AbstractContextManager[None]],
) -> None:
    """After success and after failure."""
    wave_net.train()
    with unchanged(wave_net):
        explain(wave_net, waves, target)
    with unchanged(wave_net), pytest.raises(InputError, match="the network's classes"):
        explain(wave_net, waves, target + 1)


@pytest.mark.parametrize("wrong", [torch.ones(2, 64), torch.ones(0, 1, 64)])
def test_baselines_of_another_shape_are_refused(
    wrong: Tensor, wave_net: nn.Module, waves: Tensor, target: Tensor
) -> None:
    """They would be stretched to fit without a word, or leave nothing to average."""
    with pytest.raises(InputError, match=r"baselines are .*\(1, 64\)"):
        ExpectedGradients(baselines=wrong)(wave_net, waves, target)
