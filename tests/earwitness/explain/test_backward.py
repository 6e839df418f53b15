"""One pass back, against torch's own, and the way around the first convolution."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from earwitness.errors import InputError
from earwitness.explain.attribution import frozen
from earwitness.explain.backward import autograd_nodes, gradient

FIRST = [
    pytest.param(nn.Conv1d(2, 4, 5), True, id="plain"),
    pytest.param(nn.Conv1d(2, 4, 5, stride=3, padding=2), True, id="stride"),
    pytest.param(nn.Conv1d(2, 4, 3, dilation=4, bias=False), True, id="dilation"),
    pytest.param(nn.Conv1d(2, 4, 5, padding="same"), True, id="same"),
    pytest.param(nn.Conv1d(2, 4, 4, padding="same"), False, id="same, even"),
    pytest.param(nn.Conv1d(2, 4, 5, padding=2, padding_mode="circular"), False, id="circular"),
    pytest.param(nn.Conv1d(2, 4, 5, groups=2), False, id="groups"),
    pytest.param(nn.ConvTranspose1d(2, 4, 5, stride=2), False, id="transposed"),
    pytest.param(nn.Conv2d(2, 4, (3, 5), (2, 1), (1, 0), (1, 2)), True, id="pictures"),
    pytest.param(nn.Linear(24, 4), False, id="dense"),
    pytest.param(nn.BatchNorm1d(2), False, id="normalisation"),
    pytest.param(nn.Identity(), False, id="nothing"),
]


class _Net(nn.Module):
    """A first layer, what comes after, and possibly a second use of the input."""

    def __init__(self, first: nn.Module, skip: float = 0.0) -> None:
        super().__init__()
        self.first = first
        self.skip = skip

    def forward(self, inputs: Tensor) -> Tensor:
        """`(b, 2, ...)` -> `(b, 2)`."""
        hidden = F.relu(self.first(inputs), inplace=not isinstance(self.first, nn.Identity))
        outputs = torch.stack([hidden.square().flatten(1).sum(1), hidden.flatten(1).sum(1)], 1)
        return (
            outputs + self.skip * inputs.flatten(1).sum(1, keepdim=True) if self.skip else outputs
        )


def by_torch(net: nn.Module, inputs: Tensor, target: Tensor) -> Tensor:
    """The gradient as torch computes it."""
    leaf = inputs.clone().requires_grad_()
    return torch.autograd.grad(net(leaf).gather(1, target[:, None]).sum(), leaf)[0]


def folds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Calls of the sum over windows from now on."""
    calls: list[object] = []
    fold: Callable[..., Tensor] = F.fold
    monkeypatch.setattr(F, "fold", lambda *given: calls.append(given) or fold(*given))
    return calls


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("skip", [0.0, 0.5])
@pytest.mark.parametrize(("first", "shortened"), FIRST)
def test_equals_torch(
    first: nn.Module, shortened: bool, skip: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes first; the short way is taken exactly where it is right."""
    shape = (2, 12, 11) if isinstance(first, nn.Conv2d) else (2, 24)
    inputs, target = torch.randn(3, *shape, dtype=torch.float64), torch.tensor([0, 1, 0])
    net, calls = _Net(first, skip).double().eval(), folds(monkeypatch)
    with frozen(net):
        found, outputs = gradient(net, inputs, target)
    torch.testing.assert_close(found, by_torch(net, inputs, target), rtol=1e-10, atol=1e-12)
    assert outputs.equal(net(inputs).detach())
    assert bool(calls) is (shortened and not skip)


class _Branches(nn.Module):
    """Two convolutions that both see the input."""

    def __init__(self) -> None:
        super().__init__()
        self.short, self.long = nn.Conv1d(2, 2, 3, padding=1), nn.Conv1d(2, 2, 5, padding=2)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(b, 2, n)` -> `(b, 2 n)`."""
        return (self.short(inputs) * self.long(inputs)).flatten(1)


def test_branches_take_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither convolution is the only way back."""
    net, calls = _Branches().double(), folds(monkeypatch)
    inputs, target = torch.randn(2, 2, 9, dtype=torch.float64), torch.tensor([3, 17])
    with frozen(net):
        torch.testing.assert_close(gradient(net, inputs, target)[0], by_torch(net, inputs, target))
    assert not calls


def test_outputs_cut_off_from_inputs_are_refused() -> None:
    """A network that detaches leaves nothing to follow back."""
    net = nn.Sequential(nn.Linear(4, 2))
    net.register_forward_hook(lambda layer, inputs, outputs: outputs.detach())
    with frozen(net), pytest.raises(InputError, match=r"do not depend on its inputs.*remove"):
        gradient(net, torch.ones(1, 4), torch.tensor([0]))


def test_each_operation_is_seen_once() -> None:
    """A diamond has one bottom."""
    start = torch.ones(2, requires_grad=True)
    middle = start.exp()
    names = [node.name() for node in autograd_nodes(middle.sin() + middle.cos())]
    assert sorted(names) == [
        *("AddBackward0", "CosBackward0", "ExpBackward0", "SinBackward0"),
        "torch::autograd::AccumulateGrad",
    ]
