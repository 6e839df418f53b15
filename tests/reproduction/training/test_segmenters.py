"""Training on tracks of states: what a frame's target is, and that states can be learnt."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor

from earwitness.models.state_segmenter import StateSegmenter
from earwitness.sound.frontends.heart import LogMel
from reproduction.training.clips import Clips
from reproduction.training.networks import Task
from reproduction.training.schedules import Schedule, one_cycle
from reproduction.training.segmenters import IGNORED, SegmenterLearner, SegmenterTask, targets

TASK = Task(classes=4, steps=30, seed=1)
CYCLE = (120, 160, 100, 260)
"""Samples of each state at 1 kHz."""
PITCH = (60.0, 0.0, 120.0, 0.0)


def hearts(count: int, seconds: int, seed: int) -> tuple[list[Tensor], list[Tensor]]:
    """Sounds with a low tone in S1 and a higher one in S2, and their tracks."""
    random = torch.Generator().manual_seed(seed)
    track = torch.cat([torch.full((n,), k + 1) for k, n in enumerate(CYCLE)]).repeat(
        2 * seconds + 1
    )
    time = torch.arange(seconds * 1000) / 1000
    sounds, tracks = [], []
    for _ in range(count):
        first = int(torch.randint(sum(CYCLE), (), generator=random))
        states = track[first : first + len(time)]
        tone = torch.sin(2 * torch.pi * torch.tensor(PITCH)[states - 1] * time)
        sounds.append(tone + 0.05 * torch.randn(len(time), generator=random))
        tracks.append(states)
    return sounds, tracks


def learner() -> SegmenterLearner:
    """A narrow segmenter on two seconds."""
    optimizer = partial(torch.optim.AdamW, lr=0.01)
    schedule = Schedule(8, optimizer, partial(one_cycle, warm_up=0.25))
    network = partial(StateSegmenter, bands=16, widths=(12, 16, 16))
    trainer = partial(
        pl.Trainer,
        accelerator="cpu",
        devices=1,
        deterministic=True,
        log_every_n_steps=1,
        enable_model_summary=False,
    )
    return SegmenterLearner(LogMel(bands=16), network, schedule, trainer, length=2000)


NOTHING = Clips([], torch.tensor([], dtype=torch.int64), 2000)


def fitted(folder: Path, tracks: list[Tensor] | None = None, task: Task = TASK) -> SegmenterTask:
    """Trained on sixteen hearts, whose tracks may be others than theirs."""
    this, (sounds, truth) = learner(), hearts(16, 3, seed=0)
    return this.fit(this.clips(sounds, truth if tracks is None else tracks), NOTHING, task, folder)


def right(segmenter: SegmenterTask) -> float:
    """Share of the frames of other hearts that it gets right."""
    shares = []
    for sound, track in zip(*hearts(4, 4, seed=9), strict=True):
        predicted = segmenter.posteriors(sound).argmax(axis=0)
        shares.append((predicted == targets(track[None], 20, len(predicted))[0].numpy()).mean())
    return float(np.mean(shares))


def test_a_target_is_the_state_at_the_centre_of_its_frame() -> None:
    """The first centre is at the first sample; unknown states are ignored."""
    track = torch.tensor([[1, 1, 2, 2, 2, 3, 0, 0, 4, 4, 1]])
    assert targets(track, 2, 5).tolist() == [[0, 1, 1, IGNORED, 3]]


def test_states_are_learnt(tmp_path: Path) -> None:
    """States with different tones are recognised; from shuffled tracks nothing is learnt."""
    assert right(fitted(tmp_path / "right")) > 0.9
    shuffled = [track[torch.randperm(len(track))] for track in hearts(16, 3, seed=0)[1]]
    assert right(fitted(tmp_path / "shuffled", shuffled)) < 0.7


def test_unknown_states_do_not_teach(tmp_path: Path) -> None:
    """Where nothing is known there is no gradient: frames with and without agree on the rest."""
    this, (sounds, tracks) = learner(), hearts(8, 2, seed=3)
    module = this.module(TASK).eval()
    batch = this.clips(sounds, tracks).batch(torch.arange(8), torch.Generator())
    half = batch[0].clone()
    half[:, 1, 1000:] = 0
    module.log = lambda *_: None  # type: ignore[method-assign]
    logits = module(batch[0])
    truth = targets(batch[0][:, 1], 20, 100)
    expected = torch.nn.functional.cross_entropy(logits[..., :50], truth[:, :50])
    torch.testing.assert_close(module.training_step((half, batch[1]), 0), expected)


def test_what_was_trained_is_loaded(tmp_path: Path) -> None:
    """Same posteriors, which are probabilities, from the weights that were left."""
    trained = fitted(tmp_path, task=replace(TASK, steps=2))
    loaded = learner().load(TASK, tmp_path)
    sound = hearts(1, 2, seed=5)[0][0]
    np.testing.assert_array_equal(loaded.posteriors(sound), trained.posteriors(sound))
    assert loaded.posteriors(sound).sum(axis=0) == pytest.approx(1)
