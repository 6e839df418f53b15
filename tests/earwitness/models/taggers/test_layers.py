import pytest
import torch

from earwitness.models.stages import through
from earwitness.models.taggers.layers import Convolved1d, Convolved2d


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
