"""captum's methods keep the manners of ours: seeds, batches, and the network left as found."""

import pytest
import torch
from captum.attr import GuidedBackprop, KernelShap
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.captum_methods import CaptumMethod


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 2)).train()


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(4, 1, 8)


TARGET = torch.tensor([0, 1, 1, 0])


def test_values_are_captum_s(network: nn.Module, inputs: Tensor) -> None:
    found = CaptumMethod("GuidedBackprop")(network, inputs, TARGET)
    expected = GuidedBackprop(network).attribute(inputs, target=TARGET)
    torch.testing.assert_close(found.values, expected)
    torch.testing.assert_close(found.outputs, network(inputs))
    assert found.gap is None


def test_items_are_alone_and_draws_are_the_seed_s(network: nn.Module, inputs: Tensor) -> None:
    method = CaptumMethod("KernelShap", {"n_samples": 30}, seed=3)
    together = method(network, inputs, TARGET).values
    alone = [
        method(network, *pair).values for pair in zip(inputs.split(1), TARGET.split(1), strict=True)
    ]
    torch.testing.assert_close(together, torch.cat(alone))
    other = CaptumMethod("KernelShap", {"n_samples": 30}, seed=4)(network, inputs, TARGET).values
    assert not torch.equal(together, other)
    torch.manual_seed(3)
    expected = KernelShap(network).attribute(inputs[:1], target=0, n_samples=30)
    torch.testing.assert_close(together[:1], expected)


def test_random_numbers_modes_and_hooks_stay(network: nn.Module, inputs: Tensor) -> None:
    before = torch.random.get_rng_state()
    CaptumMethod("DeepLift")(network, inputs, TARGET)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(part.training for part in network.modules())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.modules())


def test_what_captum_refuses_is_one_line_and_the_network_works_afterwards(inputs: Tensor) -> None:
    relu = nn.ReLU()
    network = nn.Sequential(nn.Conv1d(1, 3, 3), relu, nn.Flatten(), relu, nn.Linear(18, 2))
    with pytest.raises(InputError, match="captum LRP: ") as refusal:
        CaptumMethod("LRP")(network, inputs, TARGET)
    assert "\n" not in str(refusal.value)
    assert CaptumMethod("Saliency")(network, inputs, TARGET).values.shape == inputs.shape


def test_unknown_method_is_refused() -> None:
    with pytest.raises(InputError, match=r"method=Magic: not in captum\.attr; choose"):
        CaptumMethod("Magic")
