import pytest
import torch
from torch import nn

from earwitness.models.stages import Stage, through


@pytest.mark.parametrize("seed", range(3))
def test_stages_are_the_layers_padded_with_zeros(seed: int) -> None:
    """Against torch's own padding, where strides leave something over and where they do not."""
    torch.manual_seed(seed)
    first, second = nn.Conv1d(2, 3, 5, stride=2), nn.Conv1d(3, 4, 3)
    inputs = torch.randn(2, 2, 40 + seed)
    stages = [Stage(first, stride=2, reach=2), Stage(second, stride=1, reach=1)]
    expected = nn.functional.conv1d(inputs, first.weight, first.bias, 2, padding=2)
    expected = nn.functional.conv1d(expected, second.weight, second.bias, padding=1)
    torch.testing.assert_close(through(stages, inputs), expected)


def test_nothing_is_done_without_stages() -> None:
    """Inputs are what they were."""
    inputs = torch.randn(2, 5)
    assert through([], inputs) is inputs
