"""Small networks on waves and pictures, and a check that a network is left as it was found."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn


@pytest.fixture
def wave_net() -> nn.Sequential:
    """Overlapping pooling, an in-place ReLU, a batch normalisation; `(b, 1, 64)`, 3 classes."""
    torch.manual_seed(7)
    net = nn.Sequential(
        *(nn.Conv1d(1, 5, 5, padding=2), nn.ReLU(inplace=True)),
        nn.MaxPool1d(3, stride=2, ceil_mode=True),
        *(nn.Conv1d(5, 4, 3, stride=2), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout()),
        *(nn.Flatten(), nn.Linear(60, 3)),
    )
    net.get_buffer("4.running_mean").normal_()
    return net.double()


@pytest.fixture
def image_net() -> nn.Sequential:
    """Stride, groups, dilation, average pooling; `(b, 2, 23, 19)`, 3 classes."""
    torch.manual_seed(8)
    return nn.Sequential(
        *(nn.Conv2d(2, 6, (5, 3), stride=2), nn.Tanh(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 8, 3, padding="same", groups=2, dilation=2), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 3)),
    ).double()


@pytest.fixture
def waves() -> Tensor:
    """Three waves `(3, 1, 64)`."""
    return torch.randn(3, 1, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def images() -> Tensor:
    """Three pictures `(3, 2, 23, 19)`."""
    random = torch.Generator().manual_seed(2)
    return torch.randn(3, 2, 23, 19, dtype=torch.float64, generator=random)


@pytest.fixture
def target() -> Tensor:
    """A class for each of three items."""
    return torch.tensor([2, 0, 1])


@pytest.fixture
def unchanged() -> Callable[[nn.Module], AbstractContextManager[None]]:
    """A context that fails if the network or the global random state is another afterwards."""

    @contextmanager
    def check(network: nn.Module) -> Iterator[None]:
        before, random = _state(network), torch.get_rng_state()
        yield
        assert _state(network) == before
        assert torch.get_rng_state().equal(random)

    return check


def _state(network: nn.Module) -> list[Any]:
    """All that a method could leave changed."""
    modules = [
        (
            *(module.training, getattr(module, "inplace", None), sorted(vars(module))),
            *(len(module._forward_hooks), len(module._forward_pre_hooks)),
            len(module._backward_hooks),
        )
        for module in network.modules()
    ]
    parameters = [
        (id(value), value.detach().numpy().tobytes(), value.requires_grad, value.grad)
        for value in network.parameters()
    ]
    return [modules, parameters, [value.numpy().tobytes() for value in network.buffers()]]
