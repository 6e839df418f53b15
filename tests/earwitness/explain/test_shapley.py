"""Shapley values against their definition, shap and captum, and the axioms that define them."""

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
import pytest
import shap
import torch
from captum.attr import KernelShap
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.coalitions import Game
from earwitness.explain.shapley import Shapley

EXACT = Shapley()
COUNTS = st.integers(1, 7)
SEEDS = st.integers(0, 2**31)


def random(seed: int) -> torch.Generator:
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def table(count: int, seed: int) -> Game:
    """A game whose every coalition has a random outcome of its own."""
    outcomes = torch.randn(2**count, dtype=torch.float64, generator=random(seed))
    places = 2 ** torch.arange(count)
    return lambda masks: outcomes[(masks * places).sum(1)]


def network(count: int, seed: int) -> Game:
    """A random network with two hidden layers and a sigmoid at its end."""
    draw = random(seed)
    first = torch.randn(count, 16, dtype=torch.float64, generator=draw) * 3 / count**0.5
    second = torch.randn(16, 16, dtype=torch.float64, generator=draw) / 2
    last = torch.randn(16, dtype=torch.float64, generator=draw)

    def game(masks: Tensor) -> Tensor:
        return ((masks.double() @ first).tanh() @ second).tanh().matmul(last).sigmoid()

    return game


def saturating(count: int, seed: int) -> Game:
    """Evidence that adds up to a certainty which half of the components suffice for."""
    weights = torch.rand(count, dtype=torch.float64, generator=random(seed)) ** 3
    return lambda masks: torch.sigmoid(12 * (masks.double() @ weights) / weights.sum() - 4)


def interacting(count: int, seed: int, order: int) -> tuple[Game, Tensor]:
    """Random bonuses for groups of up to `order` components, and its Shapley values.

    A bonus is shared equally by the group that earns it.
    """
    draw = random(seed)
    sizes = torch.randint(1, order + 1, (3 * count, 1), generator=draw)
    groups = torch.rand(3 * count, count, generator=draw).argsort(1) < sizes
    bonuses = torch.randn(3 * count, dtype=torch.float64, generator=draw)

    def game(masks: Tensor) -> Tensor:
        return (groups <= masks[:, None]).all(2).double() @ bonuses

    return game, (groups * (bonuses / sizes[:, 0])[:, None]).sum(0)


@pytest.fixture
def seeded() -> Iterator[None]:
    """Seed the global generators, which the peers draw from."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002 (shap knows no other)
        yield


def by_shap(game: Game, count: int, draws: int) -> Tensor:
    """The values that shap's KernelExplainer finds with as many coalitions."""
    explainer = shap.KernelExplainer(
        lambda rows: game(torch.from_numpy(rows > 0.5)).numpy(), torch.zeros(1, count).numpy()
    )
    # It does not count all and none.
    found = explainer.shap_values(
        torch.ones(1, count).numpy(), nsamples=draws - 2, l1_reg=False, silent=True
    )
    return torch.from_numpy(found[0])


def by_captum(game: Game, count: int, draws: int) -> Tensor:
    """The values that captum's KernelShap finds with as many coalitions."""
    explainer = KernelShap(lambda rows: game(rows > 0.5))
    inputs = torch.ones(1, count, dtype=torch.float64)
    return explainer.attribute(inputs, n_samples=draws, perturbations_per_eval=draws)[0]


def test_exact_is_the_mean_over_all_orders() -> None:
    """By definition: what each of 5 components adds on joining, over all 120 orders."""
    game = table(5, seed=1)
    added = torch.zeros(5, dtype=torch.float64)
    for order in permutations(range(5)):
        present = torch.zeros(6, 5, dtype=torch.bool)
        for step, component in enumerate(order):
            present[step + 1 :, component] = True
        added[list(order)] += game(present).diff()
    torch.testing.assert_close(EXACT(game, 5).values, added / 120, rtol=0, atol=1e-12)


@pytest.mark.parametrize("count", [2, 3, 8, 9])
def test_exact_equals_shap_with_all_coalitions(count: int) -> None:
    """For even and odd numbers of components."""
    game = network(count, seed=2)
    expected = by_shap(game, count, 2**count)
    torch.testing.assert_close(EXACT(game, count).values, expected, rtol=0, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(count=COUNTS, seed=SEEDS)
def test_efficiency(count: int, seed: int) -> None:
    """Values sum to game(all) - game(none); the gap says so."""
    game = table(count, seed)
    found = EXACT(game, count)
    everything, nothing = game(torch.tensor([[True], [False]]).expand(2, count)).tolist()
    assert found.values.sum().item() == pytest.approx(everything - nothing, abs=1e-10)
    assert found.gap == pytest.approx(0, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(2, 7), seed=SEEDS)
def test_symmetry(count: int, seed: int) -> None:
    """Two components that may be exchanged have the same value."""
    game = table(count, seed)
    swapped = [1, 0, *range(2, count)]
    found = EXACT(lambda masks: game(masks) + game(masks[:, swapped]), count).values
    assert found[0].item() == pytest.approx(found[1].item(), abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(count=COUNTS, seed=SEEDS)
def test_null_player(count: int, seed: int) -> None:
    """A component that changes nothing has no value, and the others keep theirs."""
    game = table(count, seed)
    found = EXACT(lambda masks: game(masks[:, 1:]), count + 1).values
    assert found[0].item() == pytest.approx(0, abs=1e-10)
    torch.testing.assert_close(found[1:], EXACT(game, count).values, rtol=0, atol=1e-10)


@settings(max_examples=30, deadline=None)
@given(count=COUNTS, seed=SEEDS, factor=st.floats(-10, 10))
def test_linearity(count: int, seed: int, factor: float) -> None:
    """The values of a sum of games are the sums of values."""
    one, other = table(count, seed), table(count, seed + 1)
    both = EXACT(lambda masks: one(masks) + factor * other(masks), count).values
    expected = EXACT(one, count).values + factor * EXACT(other, count).values
    torch.testing.assert_close(both, expected, rtol=0, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(13, 40), seed=SEEDS, spare=st.integers(0, 300))
def test_sampled_values_meet_efficiency(count: int, seed: int, spare: int) -> None:
    """However few coalitions were drawn."""
    found = Shapley(draws=4 * count + spare, seed=seed)(network(count, seed), count)
    assert found.error is not None
    assert found.gap == pytest.approx(0, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(13, 30), seed=SEEDS)
def test_sampling_is_exact_where_components_act_in_twos(count: int, seed: int) -> None:
    """Pairs of complements leave interactions of two no error, whatever is drawn."""
    game, expected = interacting(count, seed, order=2)
    found = Shapley(draws=4 * count, seed=seed)(game, count)
    torch.testing.assert_close(found.values, expected, rtol=0, atol=1e-9)
    torch.testing.assert_close(found.error, torch.zeros_like(expected), rtol=0, atol=1e-9)


@pytest.mark.parametrize("count", [13, 20, 31])
def test_sampling_is_exact_where_only_the_number_counts(count: int) -> None:
    """An outcome that bends with the number of components, up to its cube, gives equal values."""

    def game(masks: Tensor) -> Tensor:
        return (masks.double().mean(1) - 0.3) ** 3

    found = Shapley(draws=4 * count)(game, count).values
    everything = float(game(torch.ones(1, count)) - game(torch.zeros(1, count)))
    expected = torch.full((count,), everything / count, dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("count", [4, 7, 10])
def test_drawing_everything_is_exact(count: int) -> None:
    """Nothing is left to chance once all coalitions fit into the draws."""
    game = table(count, seed=3)
    found = Shapley(draws=2**count, exact_up_to=0)(game, count)
    assert found.error is None
    torch.testing.assert_close(found.values, EXACT(game, count).values, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("count", "draws"), [(13, 52), (13, 8000), (14, 16001), (50, 999)])
def test_draws_are_distinct_pairs_and_all_used(count: int, draws: int) -> None:
    """No coalition is asked twice, each with its complement, all singles among them."""
    asked: list[Tensor] = []
    Shapley(draws=draws)(lambda masks: asked.append(masks) or masks.sum(1).double(), count)
    (masks,) = asked
    assert len(masks) == draws - draws % 2
    assert len(masks.unique(dim=0)) == len(masks)
    torch.testing.assert_close((~masks).unique(dim=0), masks.unique(dim=0))
    assert (masks.sum(1) == 1).sum() == count
    assert set(masks.sum(1).tolist()) == set(range(count + 1))


def with_truth(kind: str, count: int, seed: int) -> tuple[Game, Tensor]:
    """A game of some kind and its Shapley values."""
    if kind == "interacting":
        return interacting(count, seed, order=5)
    game = {"network": network, "saturating": saturating}[kind](count, seed)
    return game, Shapley(exact_up_to=count)(game, count).values


KINDS = [("interacting", 30), ("network", 14), ("saturating", 14)]


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(("peer", "limit"), [(by_captum, 0.7), (by_shap, 1.0)])
@pytest.mark.parametrize(("kind", "count"), KINDS)
def test_error_is_below_the_peers_at_equal_calls(
    peer: Callable[[Game, int, int], Tensor], limit: float, kind: str, count: int
) -> None:
    """Mean error over games and draws, on games with interactions of any order."""
    draws, ours, theirs = 300, 0.0, 0.0
    for seed in range(8):
        game, truth = with_truth(kind, count, seed)
        found = Shapley(draws, exact_up_to=0, seed=seed)(game, count).values
        ours += float((found - truth).abs().mean())
        theirs += float((peer(game, count, draws) - truth).abs().mean())
    assert ours <= limit * theirs


@pytest.mark.parametrize(("kind", "count"), KINDS)
@pytest.mark.parametrize("draws", [200, 1000])
def test_standard_errors_are_true(kind: str, count: int, draws: int) -> None:
    """About as large as errors are, and 85 % of values or more lie within two of them."""
    game, truth = with_truth(kind, count, seed=5)
    found = [Shapley(draws, exact_up_to=0, seed=seed)(game, count) for seed in range(40)]
    errors = torch.stack([estimate.values - truth for estimate in found])
    stated = torch.stack([estimate.error for estimate in found if estimate.error is not None])
    assert (errors.abs() <= 2 * stated).double().mean() >= 0.85
    assert 0.7 <= stated.square().mean().sqrt() / errors.square().mean().sqrt() <= 1.5


def test_standard_errors_shrink_where_little_is_left_to_chance() -> None:
    """A sample that is nearly all coalitions is nearly sure."""
    game = table(10, seed=6)
    few, most = (Shapley(draws, exact_up_to=0)(game, 10) for draws in (500, 1000))
    assert few.error is not None
    assert most.error is not None
    assert most.error.mean() < 0.3 * few.error.mean()


def test_few_components() -> None:
    """One component has the whole outcome; of none nothing is left."""
    assert EXACT(lambda masks: masks.sum(1).double() * 3 - 1, 1).values.tolist() == [3]
    nothing = EXACT(lambda masks: torch.ones(len(masks), dtype=torch.float64), 0)
    assert nothing.values.tolist() == []
    assert nothing.gap == 0


def test_many_components() -> None:
    """Numbers of coalitions beyond any float are no obstacle."""
    found = Shapley(draws=4800)(lambda masks: masks.sum(1).double(), 1200)
    torch.testing.assert_close(found.values, torch.ones(1200, dtype=torch.float64))


def test_too_few_draws_are_refused() -> None:
    """The message says how many it takes."""
    with pytest.raises(InputError, match="draws=79: 20 components need at least 80"):
        Shapley(draws=79)(table(20, seed=0), 20)


def test_the_seed_decides() -> None:
    """The same seed gives the same bytes, another one others; the global generator is let be."""
    state = torch.get_rng_state()
    game = network(20, seed=7)
    one, same, other = (Shapley(500, seed=seed)(game, 20).values for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)
