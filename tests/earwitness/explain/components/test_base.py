"""What takes the place of a component, and equal sections."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from earwitness.errors import InputError
from earwitness.explain.components.base import replacement, sections

CONTENTS = torch.tensor([[1.0, 2.0, 6.0], [-1.0, 0.0, 1.0]])


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
    """The same bytes for a seed, others for another, and the global generator is not asked."""
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


@settings(max_examples=50, deadline=None)
@given(count=st.integers(1, 50), more=st.integers(0, 200))
def test_sections_are_equal(count: int, more: int) -> None:
    """In order, none empty, none longer than another by more than one step."""
    found = sections(count + more, count, "segments")
    lengths = found.bincount()
    assert (found.diff() >= 0).all()
    assert len(lengths) == count
    assert lengths.max() - lengths.min() <= 1


@pytest.mark.parametrize("count", [0, 4])
def test_sections_hold_something(count: int) -> None:
    """More segments than samples would leave some without sound."""
    with pytest.raises(InputError, match=f"{count} segments: choose 1 to 3"):
        sections(3, count, "segments")
