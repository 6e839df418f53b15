import torch

from earwitness.models.heartnet import HeartNet


def test_two_answers_a_clip() -> None:
    """And a gradient for every parameter."""
    network = HeartNet(2, 24)
    answers = network(torch.randn(3, 24, 250))
    assert answers.shape == (3, 2)
    answers.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_any_length_will_do() -> None:
    """The mean over time is all that is left of it."""
    assert HeartNet(2, 4).eval()(torch.randn(1, 4, 1000)).shape == (1, 2)
