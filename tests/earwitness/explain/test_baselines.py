"""Baselines of gradient methods and fills of removed components."""

import pytest
import torch

from earwitness.errors import InputError
from earwitness.explain.baselines import (
    baseline,
    replacement,
    require_baseline,
    standard_noise,
    value_range,
)

INPUTS = torch.tensor([[[1.0, -3.0], [2.0, 0.5]], [[7.0, 7.0], [7.0, 7.0]]])
CONTENTS = torch.tensor([[1.0, 2.0, 6.0], [-1.0, 0.0, 1.0]])


def test_each_item_has_its_own() -> None:
    """Zeros, or the smallest value of the item, everywhere."""
    assert baseline("zero", INPUTS).equal(torch.zeros(2, 2, 2))
    assert baseline("minimum", INPUTS).equal(
        torch.tensor([-3.0, 7.0]).reshape(2, 1, 1).expand(2, 2, 2)
    )
    assert value_range(INPUTS).flatten().tolist() == [5, 0]


def test_noise_is_the_seed_s_alone() -> None:
    """Whatever the type of the inputs and the global random state."""
    first = standard_noise((3, 2, 2), 4, INPUTS)
    torch.manual_seed(99)
    assert standard_noise((3, 2, 2), 4, INPUTS.double()).equal(first.double())
    assert not standard_noise((3, 2, 2), 5, INPUTS).equal(first)


def test_unknown_baseline_is_refused() -> None:
    """The error says which there are."""
    with pytest.raises(InputError, match="baseline=maximum: choose one of zero, minimum"):
        require_baseline("maximum")


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        ("zero", [[0, 0, 0], [0, 0, 0]]),
        ("mean", [[3, 3, 3], [0, 0, 0]]),
        ("minimum", [[1, 1, 1], [-1, -1, -1]]),
        (torch.arange(6).reshape(2, 3), [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_each_item_has_its_own_fill(fill: str | torch.Tensor, expected: list[list[int]]) -> None:
    """One item's level says nothing about another's."""
    assert replacement(CONTENTS, fill, seed=0).tolist() == expected


def test_noise_is_as_loud_as_what_it_replaces() -> None:
    """Mean and standard deviation are the item's; silence stays silent."""
    contents = torch.stack([5 + 2 * torch.randn(20_000), torch.zeros(20_000)])
    noise = replacement(contents, "noise", seed=0)
    assert noise[0].mean() == pytest.approx(5, abs=0.1)
    assert noise[0].std() == pytest.approx(2, rel=0.05)
    assert not noise[1].any()


def test_noise_is_the_seeds_alone() -> None:
    """The same bytes for a seed, others for another, and the global generator is not used."""
    state = torch.get_rng_state()
    first, again, other = (replacement(CONTENTS, "noise", seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_items_have_different_noise() -> None:
    """Noise of two sources that were the same would be louder when added up."""
    noise = replacement(torch.randn(1, 1000).repeat(2, 1), "noise", seed=0)
    assert torch.corrcoef(noise)[0, 1].abs() < 0.2


def test_what_is_no_fill_is_refused() -> None:
    """The error says what there is, or which shape fits."""
    with pytest.raises(InputError, match="fill=loud: choose one of zero, mean"):
        replacement(CONTENTS, "loud", seed=0)
    with pytest.raises(InputError, match=r"fill is \(3,\), what it replaces \(2, 3\)"):
        replacement(CONTENTS, torch.zeros(3), seed=0)
    with pytest.raises(InputError, match=r"fill is \(2,\), what it replaces \(3,\)"):
        replacement(CONTENTS[:1], torch.zeros(2), seed=0)
