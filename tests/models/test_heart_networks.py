"""The heart networks have the layers that their papers tell, and learn."""

import pytest
import torch
from torch import nn

from earwitness.models.heartnet import HeartNet
from earwitness.models.potesnet import PotesNet
from earwitness.models.rubinnet import RubinNet


@pytest.mark.parametrize(
    ("network", "shape"),
    [(HeartNet(2, 24), (24, 250)), (RubinNet(2), (1, 6, 300)), (PotesNet(2), (4, 2500))],
)
def test_two_answers_a_clip(network: nn.Module, shape: tuple[int, ...]) -> None:
    """And a gradient for every parameter."""
    answers = network(torch.randn(3, *shape))
    assert answers.shape == (3, 2)
    answers.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_heartnet_takes_any_length() -> None:
    """The mean over time is all that is left of it."""
    assert HeartNet(2, 4).eval()(torch.randn(1, 4, 1000)).shape == (1, 2)


def test_rubins_dense_layer_sees_what_is_published() -> None:
    """11,520 numbers, 1024 and 512 units."""
    dense = [layer for layer in RubinNet(2) if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in dense] == [11520, 1024, 512]


def test_potes_bands_do_not_meet_before_the_dense_layers() -> None:
    """Silence in three bands leaves their features as they are."""
    network = PotesNet(2).eval()
    before = nn.Sequential(*list(network)[:8])
    quiet, loud = torch.zeros(1, 4, 2500), torch.zeros(1, 4, 2500)
    loud[0, 2] = torch.randn(2500)
    changed = (before(quiet) != before(loud)).reshape(4, -1).any(1)
    assert changed.tolist() == [False, False, True, False]
