import pytest
import torch
from torch import nn

from earwitness.models.stages import Stage, through
from earwitness.models.taggers.layers import Convolved1d, Convolved2d


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


@pytest.mark.parametrize(
    "layer",
    [
        Convolved2d(1, 2, (2, 4)),
        Convolved1d(1, 2, kernel=7),
        Convolved1d(1, 2, pooling=3),
        Convolved1d(1, 2, kernel=3, stride=3),
    ],
    ids=["2d", "long", "pooled", "strided"],
)
def test_a_layer_is_its_stage(layer: Convolved1d | Convolved2d) -> None:
    """Whether inputs are padded by the layer or by `through`."""
    inputs = torch.randn(2, 1, *((6,) if isinstance(layer, Convolved2d) else ()), 26)
    layer.eval()
    torch.testing.assert_close(through([layer.stage()], inputs), layer(inputs))
