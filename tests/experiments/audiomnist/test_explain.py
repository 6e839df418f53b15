"""Explanations of a run: what they are of, that nobody was heard before, that they are complete."""

from itertools import product

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from earwitness.corpora import synthetic_digits
from earwitness.corpora.generated import EVIDENCE
from earwitness.explain.model import crop_or_pad
from earwitness.sound import audio
from experiments.audiomnist import explain
from reproduction import config, sweep
from reproduction.training.trained import audio_model

KINDS = explain.TASKS, explain.NETWORKS


@pytest.fixture
def clips(run: DictConfig) -> pd.DataFrame:
    return pd.read_csv(explain.folder(run) / "clips.csv", dtype={"speaker": str, "clip": str})


def test_every_clip_is_explained_for_every_task_network_and_method(
    run: DictConfig, clips: pd.DataFrame
) -> None:
    assert len(clips) == run.explain.clips
    for clip, task, network in product(explain.store(run).clips(clips), *KINDS):
        methods = run.explain.explainers[network]
        found = [clip.explanation(task, network, method) for method in methods]
        assert len({explanation.method for explanation in found}) == len(found) == 3
        for explanation in found:
            names = [axis.name for axis in explanation.axes]
            assert names == (["time"] if network == "audionet" else ["frequency", "time"])
            assert explanation.target == found[0].target
            assert explanation.target.startswith(task)
            assert torch.isfinite(explanation.values).all()


def test_clips_are_grouped_by_the_network_that_has_not_heard_them(
    run: DictConfig, clips: pd.DataFrame
) -> None:
    """Every clip once for each task and network."""
    moved = clips.assign(sex_fold=[0, 1, 0])
    found = explain.groups(run, explain.store(run).clips(moved))
    jobs = {(group.task, group.job): [clip.row.clip for clip in group.clips] for group in found}
    assert len(jobs) == len(found) == 3 + 2 * 3
    assert jobs["digit", "synthetic_digit/alexnet/0"] == list(clips["clip"])
    assert jobs["sex", "synthetic_sex/alexnet/0"] == list(clips["clip"][[0, 2]])
    assert jobs["sex", "synthetic_sex/gammatonenet/1"] == list(clips["clip"][[1]])
    assert {group.network for group in found} == set(explain.NETWORKS)


def test_what_is_explained_is_the_recording_that_is_named(
    run: DictConfig, clips: pd.DataFrame
) -> None:
    corpus = config.build(run.studies.synthetic_digit.corpus)
    for row in clips.itertuples():
        kept = audio.read(explain.folder(run) / row.pair / row.clip / "original.wav")
        named, _ = crop_or_pad(audio.read(corpus.root / row.file), 8000)
        assert torch.allclose(kept, named, atol=2e-5)


def test_no_model_has_heard_the_speaker_of_a_clip(run: DictConfig, clips: pd.DataFrame) -> None:
    for task in explain.TASKS:
        study = run.studies[run.explain.pairs.synthetic[task]]
        corpus = config.build(study.corpus)
        folds = config.build(study.split)(corpus.records)
        for row in clips.itertuples():
            fold = folds[getattr(row, f"{task}_fold")]
            assert row.speaker not in set(corpus.records.loc[fold.train, "speaker"])
            assert row.speaker not in set(corpus.records.loc[fold.validate, "speaker"])


def test_the_probability_is_the_network_s_own(run: DictConfig, clips: pd.DataFrame) -> None:
    clip = explain.store(run).clips(clips)[0]
    saved = clip.explanation("digit", "alexnet", "lrp")
    network = audio_model(run, "synthetic_digit/alexnet/0")
    probabilities = network(clip.wave()[None]).softmax(dim=1)[0]
    # The kept recording is 16-bit.
    assert saved.probability == pytest.approx(float(probabilities.max().detach()), abs=1e-3)
    assert saved.target == f"digit {int(probabilities.argmax())}"


def test_evidence_moves_with_the_clip(run: DictConfig, clips: pd.DataFrame) -> None:
    corpus = config.build(run.studies.synthetic_digit.corpus)
    planted = synthetic_digits.evidence(corpus.root)
    row = next(clips.itertuples())
    kept = pd.read_csv(explain.folder(run) / row.pair / row.clip / EVIDENCE)
    original = planted[planted.file == row.file]
    samples = int(corpus.records.set_index("file").loc[row.file, "frames"])
    shift = (8000 - samples) // 2 / audio.RATE
    assert kept.onset_s.to_numpy() == pytest.approx(original.onset_s.to_numpy() + shift)
    assert kept.low_hz.to_numpy() == pytest.approx(original.low_hz.to_numpy())


def test_the_choice_is_the_seed_s(run: DictConfig) -> None:
    predicted = sweep.predictions(run)
    first, second = (explain.choose(run, "synthetic", predicted) for _ in range(2))
    assert first.equals(second)
    other = explain.choose(OmegaConf.merge(run, {"seed": 1}), "synthetic", predicted)
    assert not first.file.equals(other.file)
