"""A small network, two classes of tones to train it on, and its learner."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from earwitness.sound.frontends.spectrogram import Waveform
from reproduction.training.clips import Clips
from reproduction.training.networks import NetworkLearner, Task
from reproduction.training.schedules import Schedule, one_cycle
from reproduction.training.weights import WEIGHTS

LENGTH = 64
TASK = Task(classes=2, steps=24, seed=3)
SCHEDULE = Schedule(
    batch_size=8,
    optimizer=partial(torch.optim.SGD, lr=0.05, momentum=0.9),
    scheduler=partial(one_cycle, warm_up=0.3),
    clip_norm=0.5,
    perturbation=0.1,
    checkpoint_every=1,
)
"""Five batches an epoch on `TRAIN`: 24 steps end within the fifth epoch."""


def tones(count: int, seed: int) -> Clips:
    """Slow waves of class 0 and fast ones of class 1, in a little noise."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    waves = []
    for label in labels.tolist():
        frames = int(torch.randint(40, LENGTH, (), generator=random))
        speed = (0.3, 1.5)[label]
        noise = 0.05 * torch.randn(frames, generator=random)
        waves.append(torch.sin(speed * torch.arange(frames)) + noise)
    return Clips(waves, labels, LENGTH)


TRAIN, VALIDATE = tones(43, seed=0), tones(10, seed=1)


def tiny(classes: int, width: int = 6) -> nn.Module:
    """AudioNet's kinds of layers, few of each."""
    return nn.Sequential(
        nn.Conv1d(1, width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool1d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(width * LENGTH // 2, 8),
        nn.Dropout(0.5),
        nn.Linear(8, classes),
    )


def learner(
    schedule: Schedule = SCHEDULE, network: Callable[..., nn.Module] = tiny
) -> NetworkLearner:
    trainer = partial(
        pl.Trainer,
        accelerator="cpu",
        devices=1,
        deterministic=True,
        log_every_n_steps=1,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    return NetworkLearner(Waveform(), network, schedule, trainer)


def trained(folder: Path, task: Task = TASK, schedule: Schedule = SCHEDULE) -> dict[str, Tensor]:
    """Weights that training leaves."""
    learner(schedule).fit(TRAIN, VALIDATE, task, folder)
    return torch.load(folder / WEIGHTS, weights_only=True)


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return list(first) == list(second) and all(torch.equal(first[k], second[k]) for k in first)
