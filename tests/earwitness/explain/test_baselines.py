"""What inputs are compared with."""

import pytest
import torch

from earwitness.errors import InputError
from earwitness.explain.baselines import baseline, extent, require_baseline, standard_noise

INPUTS = torch.tensor([[[1.0, -3.0], [2.0, 0.5]], [[7.0, 7.0], [7.0, 7.0]]])


def test_each_item_has_its_own() -> None:
    """Zeros, or the smallest value of the item, everywhere."""
    assert baseline("zero", INPUTS).equal(torch.zeros(2, 2, 2))
    assert baseline("minimum", INPUTS).equal(
        torch.tensor([-3.0, 7.0]).reshape(2, 1, 1).expand(2, 2, 2)
    )
    assert extent(INPUTS).flatten().tolist() == [5, 0]


def test_noise_is_the_seed_s_alone() -> None:
    """Whatever the type of the inputs and the global random state."""
    first = standard_noise(3, INPUTS, 4)
    torch.manual_seed(99)
    assert standard_noise(3, INPUTS.double(), 4).equal(first.double())
    assert not standard_noise(3, INPUTS, 5).equal(first)


def test_unknown_baseline_is_refused() -> None:
    """The error says which there are."""
    with pytest.raises(InputError, match="baseline=maximum: choose one of zero, minimum"):
        require_baseline("maximum")
