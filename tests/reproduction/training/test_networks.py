"""Classifiers: they learn, one seed gives one result, and what was trained is loaded."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from earwitness.errors import InputError
from earwitness.randomness import generator
from reproduction.training.clips import ClipBatches, Clips
from reproduction.training.networks import NetworkTask, clip_data
from reproduction.training.weights import WEIGHTS
from tests.reproduction.training.small_network import (
    LENGTH,
    SCHEDULE,
    TASK,
    TRAIN,
    VALIDATE,
    equal,
    learner,
    trained,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:Checkpoint directory"),
    pytest.mark.filterwarnings("ignore:Total length of `ClipBatches` across ranks is zero"),
]


def loss(module: NetworkTask, clips: Clips) -> float:
    (waves, labels), *_ = ClipBatches(clips, len(clips), (9,), shuffled=False)
    with torch.inference_mode():
        return nn.functional.cross_entropy(module.eval()(waves), labels).item()


def test_training_tells_separable_classes_apart(tmp_path: Path) -> None:
    task = replace(TASK, steps=200)
    before = learner().module(task)
    after = learner().fit(TRAIN, VALIDATE, task, tmp_path)
    assert loss(after, VALIDATE) < 0.2 * loss(before, VALIDATE)
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    assert (after.probabilities(waves).argmax(dim=1) == VALIDATE.labels).all()


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    first = trained(tmp_path / "1")
    torch.manual_seed(1234)  # what was drawn before does not matter
    assert equal(first, trained(tmp_path / "2"))


def test_another_seed_gives_another_result(tmp_path: Path) -> None:
    first = trained(tmp_path / "1")
    assert not equal(first, trained(tmp_path / "2", replace(TASK, seed=4)))


def test_offsets_are_drawn_anew_every_epoch_unless_placed_once() -> None:
    for redrawn in (True, False):
        data = clip_data(TRAIN, VALIDATE, TASK, replace(SCHEDULE, redraw_offsets=redrawn))
        epochs = []
        for epoch in range(2):
            batches = replace(
                data.train_dataloader(), random_seeds=(0, epoch), shuffled=False, perturbation=0.0
            )
            epochs.append(torch.cat([waves for waves, _ in batches]))
        assert torch.equal(*epochs) != redrawn


def test_validation_clips_are_placed_once_and_all_used() -> None:
    data = clip_data(TRAIN, VALIDATE, TASK, SCHEDULE)
    first, again = (list(data.val_dataloader()) for _ in range(2))
    assert torch.cat([labels for _, labels in first]).tolist() == VALIDATE.labels.tolist()
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip(first, again, strict=True))


def test_no_validation_clips_are_needed(tmp_path: Path) -> None:
    empty = Clips([], torch.tensor([], dtype=torch.int64), LENGTH)
    learner().fit(TRAIN, empty, replace(TASK, steps=2), tmp_path)
    assert (tmp_path / WEIGHTS).is_file()


def test_validation_changes_nothing_of_the_training(tmp_path: Path) -> None:
    empty = Clips([], torch.tensor([], dtype=torch.int64), LENGTH)
    learner().fit(TRAIN, empty, TASK, tmp_path / "without")
    without = torch.load(tmp_path / "without" / WEIGHTS, weights_only=True)
    assert equal(without, trained(tmp_path / "with"))


def test_weights_are_plain_and_loaded_as_they_were_left(tmp_path: Path) -> None:
    fitted = learner().fit(TRAIN, VALIDATE, TASK, tmp_path)
    weights = torch.load(tmp_path / WEIGHTS, weights_only=True)
    assert equal(weights, dict(fitted.network.state_dict()))
    loaded = learner().load(TASK, tmp_path)
    assert not loaded.training
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    assert torch.equal(loaded.probabilities(waves), fitted.probabilities(waves))


def test_probabilities_do_not_depend_on_the_batch_size(tmp_path: Path) -> None:
    module = learner().module(TASK)
    waves = torch.stack(VALIDATE.placed(generator(0)).waves)
    whole = module.probabilities(waves)
    assert not whole.requires_grad
    torch.testing.assert_close(whole.sum(dim=1), torch.ones(len(waves)))
    torch.testing.assert_close(module.probabilities(waves, batch_size=3), whole)


def test_clips_that_do_not_fill_a_batch_are_refused(tmp_path: Path) -> None:
    few = Clips(TRAIN.waves[:7], TRAIN.labels[:7], LENGTH)
    with pytest.raises(InputError, match=r"^7 training clips do not fill a batch of 8; lower"):
        learner().fit(few, VALIDATE, TASK, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_learner_can_train_again(tmp_path: Path) -> None:
    same = learner()
    weights = []
    for name in ("1", "2"):
        same.fit(TRAIN, VALIDATE, TASK, tmp_path / name)
        weights.append(torch.load(tmp_path / name / WEIGHTS, weights_only=True))
    assert equal(*weights)
