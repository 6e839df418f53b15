# ruff: noqa: F811 (fixtures come from the paper whose jobs these are)
"""Training jobs: what they leave, that speakers never meet, that one seed gives one result."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from earwitness.corpora.corpus import Corpus
from reproduction import config, sweep
from reproduction.train import one_job
from reproduction.training.classification import clip_samples, clips, train
from tests.experiments.audiomnist.conftest import fresh, run  # noqa: F401


def test_every_job_leaves_predictions_and_weights(run: DictConfig) -> None:
    for job in sweep.jobs(run):
        table = pd.read_csv(job.folder / "predictions.csv")
        study = run.studies[job.study]
        classes = config.build(study.corpus).class_names(study.label)
        probabilities = table.filter(regex="^p_").to_numpy()
        assert probabilities.shape == (20, len(classes))
        assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-4)
        assert (probabilities.argmax(axis=1) == table.predicted).all()
        assert (job.model == "mfcc_logistic") == (not (job.folder / "weights.pt").exists())


def test_weights_are_plain_tensors(run: DictConfig) -> None:
    for job in sweep.jobs(run):
        for path in job.folder.glob("*.pt"):
            state = torch.load(path, weights_only=True)
            assert all(isinstance(value, torch.Tensor) for value in state.values())


def test_predictions_are_for_the_speakers_of_the_test_group(run: DictConfig) -> None:
    for job in sweep.jobs(run):
        table = pd.read_csv(job.folder / "predictions.csv", dtype={"speaker": str})
        assert set(table.speaker) == {"43", "14"}


def test_labels_are_numbers_of_classes_in_the_order_of_the_outputs(run: DictConfig) -> None:
    corpus = config.build(run.studies.synthetic_sex.corpus)
    made = clips(corpus, corpus.records.index, "sex", 4000)
    assert made.length == 4000
    assert made.labels.tolist() == [int(sex == "female") for sex in corpus.records.sex]


@pytest.mark.parametrize(("rate", "clip_s", "expected"), [(8000, None, 8000), (1000, 2.5, 2500)])
def test_clips_have_the_length_of_the_study_at_the_rate_of_the_corpus(
    rate: int, clip_s: float | None, expected: int
) -> None:
    """One second unless the study names another."""
    corpus = Corpus("any", Path(), pd.DataFrame(), "MIT", rate)
    study = OmegaConf.create({} if clip_s is None else {"clip_s": clip_s})
    assert clip_samples(study, corpus) == expected


@pytest.mark.parametrize("label", ["digit", "sex"])
def test_a_fold_without_validation_has_no_clips_to_validate(run: DictConfig, label: str) -> None:
    corpus = config.build(run.studies.synthetic_sex.corpus)
    empty = clips(corpus, pd.Index([], dtype="int64"), label, 8000)
    assert (len(empty), empty.labels.dtype) == (0, torch.int64)


def test_one_seed_gives_one_result(run: DictConfig, fresh: DictConfig) -> None:
    name = "synthetic_digit/alexnet/0"
    again = sweep.job(fresh, name)
    train(fresh, again)
    before = sweep.job(run, name)
    for file in ("predictions.csv", "weights.pt"):
        assert (again.folder / file).read_bytes() == (before.folder / file).read_bytes()


def test_a_failing_job_is_named_and_the_others_go_on(
    fresh: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(cfg: DictConfig, job: sweep.Job) -> dict:
        if job.study == "synthetic_sex":
            raise RuntimeError("out of luck")
        Path(job.folder).mkdir(parents=True, exist_ok=True)
        return {"accuracy": 0.0}

    monkeypatch.setattr("reproduction.training.classification.train", fail)
    for job in sweep.jobs(fresh):
        one_job(OmegaConf.merge(fresh, {"job": f"{job.study}/{job.model}/{job.fold}"}))
    done = {job.study for job in sweep.jobs(fresh) if job.done()}
    assert done == {"synthetic_digit"}
    with pytest.raises(sweep.InputError, match=r"4 jobs did not finish.*synthetic_sex/audionet"):
        sweep.require_finished(fresh)
