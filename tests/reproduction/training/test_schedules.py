"""Courses of the learning rate."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from reproduction.training.schedules import one_cycle, stepped


def rates(scheduler: Callable[..., object], steps: int, lr: float = 1.0) -> list[float]:
    """Learning rate of each step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
    built = scheduler(optimizer, steps)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        built.step()
    return values


def test_one_cycle_rises_to_the_rate_and_falls_to_nothing() -> None:
    values = rates(partial(one_cycle, warm_up=0.25), steps=40, lr=0.3)
    top = values.index(max(values))
    assert max(values) == pytest.approx(0.3)
    assert top == 9
    assert values[: top + 1] == sorted(values[: top + 1])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert values[-1] < 1e-4


def test_stepped_multiplies_after_every_so_many_steps() -> None:
    values = rates(partial(stepped, every=3, factor=0.5), steps=8)
    assert values == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
