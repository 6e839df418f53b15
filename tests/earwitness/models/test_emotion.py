import numpy as np
import torch
from torch import Tensor

from earwitness.models.emotion import Bottleneck, Columns, Direct, FeatureTrunk, Standardised


def trunk() -> FeatureTrunk:
    """A hidden layer of six over four features."""
    return FeatureTrunk(4, 6)


def drawn(*shape: int) -> Tensor:
    """Inputs about 5, always the same."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)) * 3 + 5


def test_standardised_by_rows_is_numpys() -> None:
    """Over songs and frames of any number."""
    inputs = [drawn(4, frames) * (frames - 6) for frames in (7, 9)]
    layer = Standardised(rows=4)
    layer.learn(inputs)
    values = np.concatenate(inputs, axis=1)
    expected = (inputs[0] - values.mean(1, keepdims=True)) / values.std(1, keepdims=True)
    np.testing.assert_allclose(layer(inputs[0]), expected, atol=1e-5)
    together = layer(torch.stack([inputs[0], 2 * inputs[0]]))
    np.testing.assert_allclose(together[0], expected, atol=1e-5)


def test_standardised_together_is_numpys() -> None:
    """One mean and one deviation for all rows; a constant does not divide by zero."""
    inputs = list(drawn(3, 1, 4, 7))
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
    found = network(drawn(5, 4, 1))
    layer = network.emotions
    expected = found["midlevel"] @ layer.weight.T + layer.bias
    torch.testing.assert_close(found["emotions"], expected)
    assert found["midlevel"].shape == (5, 3)


def test_the_black_box_rates_emotions_alone() -> None:
    """By one linear layer over its trunk's features of the standardised inputs."""
    network, inputs = Direct(trunk, midlevel=3, emotions=2, rows=4), drawn(5, 4, 1)
    network.standardised.learn(inputs)
    found = network(inputs)
    assert list(found) == ["emotions"]
    features = network.trunk(network.standardised(inputs))
    expected = features @ network.emotions.weight.T + network.emotions.bias
    torch.testing.assert_close(found["emotions"], expected)
    assert expected.shape == (5, 2)


def test_networks_see_standardised_inputs() -> None:
    """What was learnt from inputs of another scale and offset makes them the same."""
    for kind in (Direct, Bottleneck):
        network, inputs = kind(trunk, 3, 2, 4).eval(), drawn(50, 4, 1)
        network.standardised.learn(inputs)
        before = network(inputs)["emotions"]
        network.standardised.learn(10 * inputs - 7)
        torch.testing.assert_close(network(10 * inputs - 7)["emotions"], before)


def test_first_answers_are_near_the_middle_of_the_scale() -> None:
    """Not at zero, from where training would have to come first."""
    inputs = (drawn(50, 4, 1) - 5) / 3
    for kind in (Direct, Bottleneck):
        with torch.random.fork_rng(), torch.inference_mode():
            torch.manual_seed(0)
            answers = kind(trunk, 3, 2, 4)(inputs)
        assert all(float((each - 0.5).abs().mean()) < 0.15 for each in answers.values())


def test_columns_stand_side_by_side() -> None:
    """In the network's order: mid-level features, then emotions."""
    network = Bottleneck(trunk, midlevel=3, emotions=2, rows=4)
    inputs = drawn(5, 4, 1)
    found = network(inputs)
    expected = torch.cat([found["midlevel"], found["emotions"]], 1)
    torch.testing.assert_close(Columns(network)(inputs), expected)
