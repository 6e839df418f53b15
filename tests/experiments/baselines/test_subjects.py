"""What the networks of each paper are asked about, in the tiny run."""

from collections.abc import Iterator
from importlib import import_module

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from experiments.baselines.measure import module_of, paper_config
from experiments.baselines.subject import Subject
from reproduction import sweep

NETWORKS = {
    "audiomnist": "synthetic_sex/audionet/0",
    "heart": "record/mfcc_states/0",
    "midlevel": "songs/a2e/0",
    "audiolime": "music/samplecnn/0",
}
SECONDS = {"audiomnist": 1.0, "heart": 5.0, "midlevel": 2.0, "audiolime": 59049 / 16000}
TARGETS = {"heart": "abnormal", "midlevel": "fear"}
EACH = pytest.mark.parametrize("paper", NETWORKS)


def subjects(run: DictConfig, paper: str, count: int = 3, job: str = "") -> Iterator[Subject]:
    find = import_module(module_of(paper)).subjects
    return find(paper_config(run, paper), job or NETWORKS[paper], count)


@EACH
def test_clips_are_heard_by_their_network(run: DictConfig, paper: str) -> None:
    """Of the length that it takes, each once, and the same every time."""
    found = list(subjects(run, paper))
    assert 1 < len(found) <= 3
    assert len({subject.clip for subject in found}) == len(found)
    for subject, again in zip(found, subjects(run, paper), strict=True):
        assert subject.seconds == pytest.approx(SECONDS[paper], abs=0.01)
        assert torch.isfinite(subject.wave).all()
        assert 0 <= subject.model.probability(subject.wave, subject.target) <= 1
        assert torch.equal(subject.wave, again.wave)
        assert subject.clip == again.clip
        assert not subject.model.training


@EACH
def test_evidence_lies_in_the_clip(run: DictConfig, paper: str) -> None:
    """Of some clips at least, and within their time."""
    known = [subject for subject in subjects(run, paper, 8) if len(subject.regions)]
    assert known
    for subject in known:
        starts, ends = subject.regions.onset_s, subject.regions.offset_s
        assert (starts < ends).all()
        if paper != "heart":  # a window of a recording, murmurs of which lie outside as well
            assert starts.min() >= -0.01
            assert ends.max() <= subject.seconds + 0.01
        else:
            assert ((ends > 0) & (starts < subject.seconds)).any()


@EACH
def test_networks_have_not_heard_the_clips(run: DictConfig, paper: str) -> None:
    """Their speakers or songs are those that the job was tested on."""
    job = "taggers/samplecnn/0" if paper == "audiolime" else NETWORKS[paper]
    cfg = paper_config(run, paper)
    tested = pd.read_csv(
        sweep.job(cfg, job).folder / sweep.PREDICTIONS, dtype={"speaker": str, "song": str}
    )
    if "part" in tested:
        tested = tested[tested.part == "test"]
    names = set(tested.speaker)
    assert {subject.speaker for subject in subjects(run, paper)} <= names


@pytest.mark.parametrize("paper", TARGETS)
def test_one_class_is_explained(run: DictConfig, paper: str) -> None:
    """Whatever the network answers, where the paper explains one."""
    for subject in subjects(run, paper):
        assert subject.model.classes[subject.target] == TARGETS[paper]


@pytest.mark.parametrize("paper", ["audiomnist", "audiolime"])
def test_answers_are_explained(run: DictConfig, paper: str) -> None:
    for subject in subjects(run, paper):
        assert subject.target == subject.model.predicted_class(subject.wave)


def test_the_evidence_is_that_of_the_task(run: DictConfig) -> None:
    """Digits and sexes are heard in other places."""
    sexes = {subject.clip: subject.regions for subject in subjects(run, "audiomnist", 10)}
    digits = subjects(run, "audiomnist", 10, "synthetic_digit/audionet/0")
    shared = [subject for subject in digits if subject.clip in sexes]
    assert shared
    for subject in shared:
        assert set(subject.regions.label) == {"digit"}
        assert set(sexes[subject.clip].label) == {"sex"}


def test_songs_without_planted_causes_are_explained_all_the_same(run: DictConfig) -> None:
    """By the first of the emotions; nothing is located."""
    cfg = OmegaConf.merge(paper_config(run, "midlevel"), {"planted": None})
    find = import_module(module_of("midlevel")).subjects
    for subject in find(cfg, NETWORKS["midlevel"], 2):
        assert subject.model.classes[subject.target] == "valence"
        assert subject.regions.empty
