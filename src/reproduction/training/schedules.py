"""Solver settings of a training, and functions for the course of its learning rate."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR, StepLR


@dataclass(frozen=True)
class Solver:
    """What every training needs to know to update weights.

    Attributes:
        batch_size: items in a batch.
        optimizer: called with the parameters: a partial of a `torch.optim` class.
        scheduler: called with the optimiser and the number of steps: a partial of a function below.
    """

    batch_size: int
    optimizer: Callable[..., torch.optim.Optimizer]
    scheduler: Callable[[torch.optim.Optimizer, int], LRScheduler]


@dataclass(frozen=True)
class Schedule(Solver):
    """Solver settings of classifiers, which train for a number of steps.

    Attributes:
        clip_norm: largest norm of the gradient, larger ones are scaled down; None for no limit.
        redraw_offsets: whether clips are placed at new random offsets every epoch.
        perturbation: largest change of speed, a share; see `clips.perturbed`.
        checkpoint_every: steps between checkpoints, rounded up to whole epochs.
    """

    clip_norm: float | None = None
    redraw_offsets: bool = True
    perturbation: float = 0.0
    checkpoint_every: int = 200


@dataclass(frozen=True, kw_only=True)
class RatingSchedule(Solver):
    """Solver settings of networks of ratings, which train with early stopping.

    Attributes:
        epochs: most epochs of a training.
        patience: epochs without a higher validation correlation after which it stops.
        checkpoint_every: epochs between checkpoints.
    """

    epochs: int
    patience: int
    checkpoint_every: int = 10


def one_cycle(optimizer: torch.optim.Optimizer, steps: int, warm_up: float = 0.25) -> LRScheduler:
    """Raise the learning rate to the optimiser's over a share of the steps, then anneal it."""
    return OneCycleLR(optimizer, optimizer.defaults["lr"], total_steps=steps, pct_start=warm_up)


def stepped(optimizer: torch.optim.Optimizer, steps: int, every: int, factor: float) -> LRScheduler:
    """Multiply the learning rate by `factor` after `every` steps, however many there are."""
    return StepLR(optimizer, every, factor)


def constant(optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """Keep the optimiser's learning rate, however many `steps` there are."""
    return LambdaLR(optimizer, lambda _: 1.0)
