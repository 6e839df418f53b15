"""What every method that goes back through a network asks of its input, and leaves behind."""

import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import (
    frozen,
    require_batch,
    require_outputs,
    require_positive,
)


def mixed_net() -> nn.Sequential:
    """A frozen layer, one in evaluation mode and one that works in place."""
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(inplace=True))
    net[0].weight.requires_grad_(False)
    net[1].eval()
    return net


def flags(net: nn.Module) -> list[bool]:
    """All that is turned off for an explanation."""
    modules = list(net.modules())
    return [
        *(module.training for module in modules),
        *(module.inplace for module in modules if hasattr(module, "inplace")),
        *(parameter.requires_grad for parameter in net.parameters()),
    ]


def test_a_network_is_held_still_and_given_back() -> None:
    """Each flag is off meanwhile, and what it was afterwards, whatever has happened."""
    net = mixed_net()
    before = flags(net)
    assert len(set(before)) == 2
    with frozen(net):
        assert not any(flags(net))
    assert flags(net) == before
    with pytest.raises(RuntimeError, match="shapes"), frozen(net):
        net(torch.ones(1, 7))
    assert flags(net) == before


@pytest.mark.parametrize(
    ("inputs", "target", "message"),
    [
        (torch.ones(2, 3, dtype=torch.int64), torch.tensor([0, 1]), "needs floating-point inputs"),
        (torch.tensor([[torch.nan]]), torch.tensor([0]), "without NaN"),
        (torch.ones(2, 3), torch.tensor([0.0, 1.0]), r"target is \(2,\) of torch.float32"),
        (torch.ones(2, 3), torch.tensor([0]), r"give one int64 class per item, \(2,\)"),
    ],
)
def test_what_is_no_batch_is_refused(inputs: Tensor, target: Tensor, message: str) -> None:
    with pytest.raises(InputError, match=message):
        require_batch(inputs, target)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (torch.ones(2), r"returned \(2,\): explaining needs \(batch, classes\)"),
        (torch.ones(3, 2), r"returned \(3, 2\)"),
        (torch.ones(2, 1), r"target must lie in 0\.\.0"),
    ],
)
def test_answers_of_another_shape_are_refused(outputs: Tensor, message: str) -> None:
    with pytest.raises(InputError, match=message):
        require_outputs(outputs, torch.tensor([0, 1]))


def test_the_setting_that_is_not_above_zero_is_named() -> None:
    require_positive(steps=1, noise=0.1)
    with pytest.raises(InputError, match="noise = nan: choose one above zero"):
        require_positive(steps=1, noise=float("nan"))
