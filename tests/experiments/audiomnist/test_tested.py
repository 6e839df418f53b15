"""Test clips of a study: unheard, spread over speakers, as the networks hear them."""

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf

from earwitness.explain.model import crop_or_pad
from experiments.audiomnist import tested
from reproduction import config, sweep


def test_every_network_is_given_the_same_clips_of_a_study(run: DictConfig) -> None:
    found = list(tested.tested(run, ["audionet", "alexnet"], 4))
    assert [item.job for item in found] == [
        f"{study}/{network}/0" for study in run.studies for network in ("audionet", "alexnet")
    ]
    for one, other in zip(found[::2], found[1::2]):
        assert (one.study, one.network, other.network) == (other.study, "audionet", "alexnet")
        assert one.rows.equals(other.rows)
        assert len(one.rows) == 4


def test_without_a_count_all_test_clips_come(run: DictConfig) -> None:
    predicted = sweep.predictions(run)
    for item in tested.tested(run, ["audionet"], None):
        assert set(item.rows.file) == set(predicted.file[predicted.study == item.study])


def test_nobody_was_heard_in_training(run: DictConfig) -> None:
    for item in tested.tested(run, ["audionet"], None):
        split = config.build(run.studies[item.study].split)
        fold = split(item.corpus.records)[int(item.job.split("/")[2])]
        heard = item.corpus.records.loc[fold.train.append(fold.validate)]
        assert not set(item.rows.speaker) & set(heard.speaker)


def test_a_clip_comes_with_its_sound_and_class(run: DictConfig) -> None:
    """In the order of its rows."""
    for item in tested.tested(run, ["audionet"], 5):
        records = item.corpus.records.set_index("file").loc[item.rows.file]
        named = item.corpus.class_names(run.studies[item.study].label)
        assert [named[label] for label in item.labels] == list(records[item.study.split("_")[1]])
        waves = item.corpus.waves(item.corpus.rows(item.rows.file))
        assert item.waves.equal(torch.stack([crop_or_pad(wave, 8000)[0] for wave in waves]))


def test_a_clip_goes_to_the_fold_that_tested_it(
    run: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicted = sweep.predictions(run)
    folds = predicted.assign(fold=predicted.speaker.map({"43": 0, "14": 3}))
    monkeypatch.setattr(sweep, "predictions", lambda cfg: folds)
    speakers = {item.job: set(item.rows.speaker) for item in tested.tested(run, ["alexnet"], 6)}
    assert speakers == {
        f"{study}/alexnet/{fold}": {speaker}
        for study in run.studies
        for fold, speaker in ((0, "43"), (3, "14"))
    }


def test_the_choice_is_the_seed_s(run: DictConfig) -> None:
    first, again, other = (
        next(tested.tested(OmegaConf.merge(run, {"seed": seed}), ["audionet"], 6)).rows
        for seed in (0, 0, 1)
    )
    assert first.equals(again)
    assert not first.equals(other)


@given(
    speakers=st.lists(st.sampled_from("abcde"), min_size=1, max_size=30),
    count=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_speakers_are_drawn_as_evenly_as_they_allow(
    speakers: list[str], count: int, seed: int
) -> None:
    rows = pd.DataFrame({"speaker": speakers, "file": range(len(speakers))})
    chosen = tested.spread(rows, count, seed)
    assert len(chosen) == min(count, len(rows))
    assert chosen.file.is_monotonic_increasing
    assert chosen.file.is_unique
    left = rows.speaker.value_counts() - chosen.speaker.value_counts().reindex(
        rows.speaker.unique(), fill_value=0
    )
    most = chosen.speaker.value_counts().max()
    for speaker in left.index[left > 0]:
        assert (chosen.speaker == speaker).sum() >= most - 1


@pytest.mark.parametrize("count", [1, 3])
def test_who_is_first_does_not_decide_which_clip_is_drawn(count: int) -> None:
    rows = pd.DataFrame({"speaker": ["a"] * 50, "file": range(50)})
    drawn = {tuple(tested.spread(rows, count, seed).file) for seed in range(10)}
    assert len(drawn) > 5
