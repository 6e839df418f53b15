import torch
from torch import nn

from earwitness.models.potesnet import PotesNet


def test_two_answers_a_clip() -> None:
    """And a gradient for every parameter."""
    network = PotesNet(2)
    answers = network(torch.randn(3, 4, 2500))
    assert answers.shape == (3, 2)
    answers.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_bands_do_not_meet_before_the_dense_layers() -> None:
    """Silence in three bands leaves their features as they are."""
    network = PotesNet(2).eval()
    before = nn.Sequential(*list(network)[:8])
    quiet, loud = torch.zeros(1, 4, 2500), torch.zeros(1, 4, 2500)
    loud[0, 2] = torch.randn(2500)
    changed = (before(quiet) != before(loud)).reshape(4, -1).any(1)
    assert changed.tolist() == [False, False, True, False]
