import torch
from torch import nn

from earwitness.models.rubinnet import RubinNet


def test_two_answers_a_clip() -> None:
    """And a gradient for every parameter."""
    network = RubinNet(2)
    answers = network(torch.randn(3, 1, 6, 300))
    assert answers.shape == (3, 2)
    answers.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_dense_layers_see_what_is_published() -> None:
    """11,520 numbers, 1024 and 512 units."""
    dense = [layer for layer in RubinNet(2) if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in dense] == [11520, 1024, 512]
