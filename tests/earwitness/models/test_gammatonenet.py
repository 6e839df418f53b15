import itertools

import pytest
import torch
from torch import Tensor, nn

from earwitness.explain.attribution import Attribution
from earwitness.explain.lrp import LRP, EpsilonPlus
from earwitness.models.gammatonenet import CHANNELS, GammatoneNet


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def norms(network: nn.Module) -> list[nn.BatchNorm2d]:
    return [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]


def unexplained(found: Attribution) -> Tensor:
    """The gap of each item as a share of its output `(batch,)`."""
    assert found.gap is not None
    return found.gap.abs() / (found.values.flatten(1).sum(1) + found.gap).abs()


@pytest.mark.parametrize("classes", [2, 10])
def test_parameters_are_as_many_as_counted_by_hand(classes: int) -> None:
    expected = (CHANNELS[-1] + 1) * classes
    for inputs, outputs in itertools.pairwise(CHANNELS):
        expected += (9 * inputs + 1) * outputs + 2 * outputs
    count = sum(parameter.numel() for parameter in GammatoneNet(classes).parameters())
    assert count == expected
    assert count == pytest.approx(300_000, rel=0.05)


@pytest.mark.parametrize("size", [(64, 100), (16, 16), (17, 230)])
def test_any_spectrogram_gives_an_answer_of_its_own(size: tuple[int, int]) -> None:
    network = GammatoneNet(classes=10).eval()
    pictures = torch.randn(3, 1, *size)
    with torch.inference_mode():
        together = network(pictures)
        alone = torch.cat([network(picture[None]) for picture in pictures])
    assert together.shape == (3, 10)
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_every_layer_learns() -> None:
    network = GammatoneNet(classes=2)
    loss = nn.functional.cross_entropy(network(torch.randn(4, 1, 32, 32)), torch.tensor([0, 1] * 2))
    loss.backward()
    for name, parameter in network.named_parameters():
        # Batch normalisation takes away what a bias before it adds.
        taken = name.startswith("conv") and name.endswith("bias")
        assert (parameter.grad.abs().max() > 1e-4) != taken, name


def test_relevance_is_conserved_without_biases() -> None:
    """Scales and variances are those of a trained network; with biases something is kept."""
    network = GammatoneNet(classes=3).double().eval()
    for norm in norms(network):
        nn.init.uniform_(norm.running_var, 0.5, 2.0)
        nn.init.uniform_(norm.weight, -1.0, 2.0)
    pictures, target = torch.randn(2, 1, 32, 40, dtype=torch.float64), torch.tensor([0, 2])
    found = LRP(EpsilonPlus())(network, pictures, target)
    assert found.values.abs().sum() > 0
    assert (unexplained(found) < 1e-4).all()
    for norm in norms(network):
        nn.init.uniform_(norm.bias, 0.5, 1.0)
    assert (unexplained(LRP(EpsilonPlus())(network, pictures, target)) > 1e-2).all()
