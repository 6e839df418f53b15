"""LIME against the lime package on the same rows, and against games whose components are known."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lime.lime_base import LimeBase
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import pairwise_distances
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.lime import Lime, LimeForest, neighbourhood, proximity

KINDS = [Lime, LimeForest]


def bumpy(masks: Tensor) -> Tensor:
    """Outcomes `(n,)` with interactions of all orders, for any number of components."""
    steps = torch.arange(1, masks.shape[1] + 1, dtype=torch.float64)
    return (masks.double() @ steps.sin()).tanh() + (masks.double() @ steps.cos()).sin() / 3


def distances(masks: Tensor) -> np.ndarray:
    """Cosine distance of each of `(n, count)` to the first, as the lime package finds it."""
    rows = masks.double().numpy()
    return pairwise_distances(rows, rows[:1], metric="cosine").ravel()


def by_lime(masks: Tensor, outcomes: Tensor, width: float) -> tuple[np.ndarray, float]:
    """Coefficients `(count,)` and R^2 that the lime package finds, with every feature kept."""
    base = LimeBase(lambda distance: np.sqrt(np.exp(-(distance**2) / width**2)))
    labels = outcomes.numpy()[:, None]
    rows, count = masks.double().numpy(), masks.shape[1]
    _, found, r2, _ = base.explain_instance_with_data(
        rows, labels, distances(masks), 0, count, feature_selection="none"
    )
    return np.array([value for _, value in sorted(found)]), r2


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 20),
    draws=st.integers(50, 400),
    width=st.sampled_from([0.25, 1.0]),
    paired=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_equals_lime(count: int, draws: int, width: float, paired: bool, seed: int) -> None:
    """The same slopes and R^2 on the same rows, repeated ones and all."""
    rows = neighbourhood(count, draws, seed, paired)
    expected, r2 = by_lime(rows, bumpy(rows), width)
    found = Lime(draws=draws, width=width, paired=paired, seed=seed)(bumpy, count)
    np.testing.assert_allclose(found.values.numpy(), expected, rtol=0, atol=1e-8)
    assert found.notes["r2"] == pytest.approx(r2, abs=1e-8)
    assert found.gap is None


def test_nothing_left_on_is_as_far_as_can_be() -> None:
    """The cosine of a mask that is all off is undefined; scikit-learn and we say distance 1."""
    masks = torch.tensor([[1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1]]).bool()
    assert distances(masks)[1] == 1
    assert proximity(masks, 0.5)[1].item() == pytest.approx(np.exp(-2))
    expected = np.exp(-(distances(masks) ** 2) / 0.5)
    np.testing.assert_allclose(proximity(masks, 0.5).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_each_coalition_is_asked_once(kind: type[Lime] | type[LimeForest]) -> None:
    """Of 4 components there are 16 coalitions, however many are drawn; all 4 on is one."""
    asked: list[Tensor] = []
    kind(draws=1000)(lambda masks: asked.append(masks) or bumpy(masks), 4)
    (masks,) = asked
    assert len(masks.unique(dim=0)) == len(masks) <= 16
    assert masks.all(1).any()


@pytest.mark.parametrize("paired", [False, True])
def test_neighbourhood(paired: bool) -> None:
    """The whole sound first, then components on or off by even chance, apart from each other."""
    masks = neighbourhood(6, 4001, seed=0, paired=paired)
    assert masks.shape == (4001, 6)
    assert masks[0].all()
    signs = 2 * masks[1:].double() - 1
    torch.testing.assert_close(signs.mean(0), torch.zeros(6).double(), rtol=0, atol=0.06)
    torch.testing.assert_close(signs.T @ signs / 4000, torch.eye(6).double(), rtol=0, atol=0.07)
    assert torch.equal(masks[1:2001], ~masks[2001:]) == paired


@pytest.mark.parametrize("draws", [2, 3, 10, 11])
@pytest.mark.parametrize("paired", [False, True])
def test_neighbourhood_has_as_many_rows_as_drawn(draws: int, paired: bool) -> None:
    """Even and odd, for the whole sound has no complement."""
    assert len(neighbourhood(5, draws, seed=0, paired=paired)) == draws


@pytest.mark.parametrize("kind", KINDS)
def test_planted_components_are_found(kind: type[Lime] | type[LimeForest]) -> None:
    """Of 15 components the two that matter have the largest values, with their signs."""
    found = kind(seed=3)(lambda masks: 2.0 * masks[:, 4] - 1.5 * masks[:, 11].double(), 15)
    assert found.values.argmax() == 4
    assert found.values.argmin() == 11
    others = found.values[[place for place in range(15) if place not in (4, 11)]]
    assert others.abs().max() < 0.1 * found.values[11].abs()
    assert found.notes["r2"] > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_where_nothing_is(kind: type[Lime] | type[LimeForest]) -> None:
    """A game that never changes gives zeros."""
    found = kind(draws=100)(lambda masks: torch.full((len(masks),), 0.3).double(), 8)
    torch.testing.assert_close(found.values, torch.zeros(8).double(), rtol=0, atol=1e-12)


def exclusive(masks: Tensor) -> Tensor:
    """One if just one of the first two is on; each of the next four adds a little."""
    return (masks[:, 0] ^ masks[:, 1]).double() + 0.15 * masks[:, 2:6].sum(1)


def test_forest_finds_components_that_matter_together() -> None:
    """An exclusive or tops the forest's ranking, while the ridge ranks it below trifles."""

    def leading(values: Tensor) -> set[int]:
        return set(values.abs().topk(2).indices.tolist())

    forest = LimeForest()(exclusive, 30)
    ridge = Lime()(exclusive, 30)
    assert leading(forest.values) == {0, 1}
    assert not leading(ridge.values) & {0, 1}
    assert forest.notes["r2"] > ridge.notes["r2"] + 0.3


def test_forest_is_that_of_scikit_learn() -> None:
    """Magnitudes are its importances on the weighted rows, signs those of differences of means."""
    rows = neighbourhood(12, 300, seed=5)
    assert len(rows.unique(dim=0)) > 280
    masks, repeats = rows.unique(dim=0, return_counts=True)
    weights = (repeats * proximity(masks, 0.25)).numpy()
    each = masks.repeat_interleave(repeats, dim=0)
    forest = RandomForestRegressor(30, random_state=5)
    near = proximity(each, 0.25).numpy()
    forest.fit(each.double().numpy(), bumpy(each).round(decimals=5).numpy(), sample_weight=near)
    found = LimeForest(draws=300, seed=5, trees=30)(bumpy, 12).values.numpy()
    np.testing.assert_allclose(np.abs(found), forest.feature_importances_, rtol=1e-9)
    outcomes = bumpy(masks).numpy()
    for place, on in enumerate(masks.numpy().T):
        inside, outside = (np.average(outcomes[s], weights=weights[s]) for s in (on, ~on))
        assert np.sign(found[place]) == np.sign(inside - outside)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides(kind: type[Lime] | type[LimeForest]) -> None:
    """The same seed gives the same bytes, another one others; global generators are let be."""
    state, legacy = torch.get_rng_state(), np.random.get_state()[1]  # noqa: NPY002
    one, same, other = (kind(draws=100, seed=seed)(bumpy, 10).values for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert (np.random.get_state()[1] == legacy).all()  # noqa: NPY002


@pytest.mark.parametrize("wrong", [{"draws": 1}, {"width": 0.0}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match="LIME needs 2 draws and a width above 0"):
        Lime(**wrong)


def test_no_components_are_refused() -> None:
    """A regression on nothing has no answer."""
    with pytest.raises(InputError, match="no components"):
        Lime()(bumpy, 0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lime(alpha=-1.0), "alpha=-1"),
        (lambda: LimeForest(trees=0), "trees=0"),
        (lambda: LimeForest(seed=-1), "seed=-1"),
    ],
)
def test_settings_that_fit_no_surrogate_are_refused(
    make: Callable[[], object], message: str
) -> None:
    """One line names the setting."""
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize("kind", [Lime, LimeForest])
def test_answers_that_were_kept_give_the_same_values(kind: type[Lime] | type[LimeForest]) -> None:
    """Of all draws what calling it gives; the first of them are those of fewer draws."""
    many, few = kind(draws=200, seed=3), kind(draws=80, seed=3)
    drawn = many.drawn(6)
    outcomes = bumpy(drawn)
    torch.testing.assert_close(many.fit(drawn, outcomes).values, many(bumpy, 6).values)
    torch.testing.assert_close(few.fit(drawn[:80], outcomes[:80]).values, few(bumpy, 6).values)
