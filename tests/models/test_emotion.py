import numpy as np
import torch
from torch import nn

from earwitness.models.emotion import Bottleneck, Columns, Direct, FeatureTrunk, Standardised


def trunk() -> nn.Module:
    return FeatureTrunk(4, 6)


def test_standardised_by_rows_is_numpys() -> None:
    """Over songs and frames of any number."""
    inputs = [torch.randn(4, frames) * 3 + 5 for frames in (7, 9)]
    layer = Standardised(rows=4)
    layer.learn(inputs)
    values = np.concatenate(inputs, axis=1)
    expected = (inputs[0] - values.mean(1, keepdims=True)) / values.std(1, keepdims=True)
    np.testing.assert_allclose(layer(inputs[0]), expected, atol=1e-5)


def test_standardised_together_is_numpys() -> None:
    """One mean and one deviation for all rows; a constant does not divide by zero."""
    inputs = [torch.randn(1, 4, 7) * 3 + 5 for _ in range(3)]
    layer = Standardised()
    layer.learn(inputs)
    values = np.stack(inputs)
    np.testing.assert_allclose(
        layer(inputs[0]), (inputs[0] - values.mean()) / values.std(), atol=1e-5
    )
    layer.learn([torch.ones(1, 4, 7)])
    assert layer(torch.ones(1, 4, 7)).isfinite().all()


def test_emotions_of_a_bottleneck_are_linear_in_its_features() -> None:
    """And depend on nothing else."""
    network = Bottleneck(trunk, midlevel=3, emotions=2, rows=4)
    found = network(torch.randn(5, 4, 1))
    layer = network.emotions
    expected = found["midlevel"] @ layer.weight.T + layer.bias
    torch.testing.assert_close(found["emotions"], expected)
    assert found["midlevel"].shape == (5, 3)


def test_the_black_box_rates_emotions_alone() -> None:
    network = Direct(trunk, midlevel=3, emotions=2, rows=4)
    assert {kind: tuple(v.shape) for kind, v in network(torch.randn(5, 4, 1)).items()} == {
        "emotions": (5, 2)
    }


def test_first_answers_are_near_the_middle_of_the_scale() -> None:
    """Not at zero, from where training would have to come first."""
    for kind in (Direct, Bottleneck):
        for answers in kind(trunk, 3, 2, 4)(torch.randn(50, 4, 1)).values():
            assert float((answers - 0.5).abs().mean()) < 0.15


def test_columns_stand_side_by_side() -> None:
    network = Bottleneck(trunk, midlevel=3, emotions=2, rows=4)
    inputs = torch.randn(5, 4, 1)
    found = network(inputs)
    expected = torch.cat([found["midlevel"], found["emotions"]], 1)
    torch.testing.assert_close(Columns(network)(inputs), expected)
