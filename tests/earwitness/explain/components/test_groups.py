"""Groups of cells of a network's input: against loops, and against patches that are the same."""

from collections.abc import Mapping

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import Groups, Patches
from earwitness.explain.model import AudioModel
from earwitness.explain.shapley import Shapley

SHAPE = (3, 8)
WAVE = torch.randn(24, generator=torch.Generator().manual_seed(5))


def model() -> AudioModel:
    """A model whose network is given three channels of eight frames."""
    return AudioModel(nn.Flatten(), ["one", "two"], rate=1000, frontend=nn.Unflatten(1, SHAPE))


def of(cells: Mapping[str, Tensor], **settings_: str) -> Groups:
    """Groups that are the same for any sound."""
    return Groups(lambda *_: cells, **settings_)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 6))
def test_a_cell_is_off_if_any_of_its_groups_is(seed: int, count: int) -> None:
    """They may overlap, be empty, or leave cells out that then stay on."""
    random = torch.Generator().manual_seed(seed)
    cells = {str(k): torch.rand(SHAPE, generator=random) < 0.4 for k in range(count)}
    masks = torch.rand(4, count, generator=random) < 0.5
    components = of(cells, axis="part")(model(), WAVE)
    assert components.count == count
    assert (components.axes[0].name, components.axes[0].labels) == ("part", tuple(cells))
    for mask, rendered in zip(masks, components.render(masks), strict=True):
        expected = WAVE.reshape(SHAPE).clone()
        for on, where in zip(mask, cells.values(), strict=True):
            expected[where] *= on
        assert torch.equal(rendered, expected)


def test_stretches_of_time_are_patches() -> None:
    """All channels of a quarter of the frames each: the same inputs, for any fill."""
    quarters = {str(k): (torch.arange(8) // 2 == k).expand(SHAPE) for k in range(4)}
    masks = torch.rand(5, 4) < 0.5
    for fill in ("zero", "mean", "minimum", "noise"):
        ours = of(quarters, fill=fill)(model(), WAVE).render(masks)
        assert torch.equal(ours, Patches(1, 4, fill=fill)(model(), WAVE).render(masks))


def test_shapley_values_of_a_sum_are_the_sums_of_its_parts() -> None:
    """Disjoint groups; a network that adds up has no interactions."""
    rows = {str(k): (torch.arange(3)[:, None] == k).expand(SHAPE) for k in range(3)}
    network = nn.Sequential(nn.Flatten(), nn.Linear(24, 2, bias=False))
    nn.init.ones_(network[1].weight)
    evaluator = CoalitionEvaluator(network, of(rows)(model(), WAVE), batch_size=4)
    found = Shapley()(lambda masks: evaluator(masks)[:, 0], 3)
    torch.testing.assert_close(found.values, WAVE.reshape(SHAPE).sum(1).double())


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, "no groups of cells"),
        ({"a": torch.ones(8).bool()}, r"group a is \(8,\) of torch.bool: give a bool for each"),
        ({"b": torch.ones(SHAPE)}, r"group b is \(3, 8\) of torch.float32"),
    ],
)
def test_what_does_not_fit_is_refused(cells: Mapping[str, Tensor], message: str) -> None:
    """One line names the group."""
    with pytest.raises(InputError, match=message):
        of(cells)(model(), WAVE)
