# ruff: noqa: F811 (fixtures come from the paper whose jobs these are)
"""Trained networks, as the job that trained them answers."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.corpora import synthetic_digits
from earwitness.errors import InputError
from earwitness.explain.model import crop_or_pad
from reproduction import config, sweep
from reproduction.training.trained import audio_model, clips
from tests.experiments.audiomnist.conftest import fresh, run  # noqa: F401


def test_a_trained_network_answers_as_it_did_when_it_was_tested(run: DictConfig) -> None:
    for study in run.studies:
        job = sweep.job(run, f"{study}/gammatonenet/0")
        predicted = pd.read_csv(job.folder / sweep.PREDICTIONS)
        corpus = config.build(run.studies[study].corpus)
        model = audio_model(run, f"{study}/gammatonenet/0").eval()
        (wave,) = corpus.waves(corpus.rows(predicted.file[:1]))
        answer = model.probabilities(model(crop_or_pad(wave, 8000)[0][None])).detach()[0]
        # The test places clips at random, here they are in the middle.
        expected = torch.tensor(predicted.filter(regex="^p_").to_numpy()[0], dtype=torch.float32)
        torch.testing.assert_close(answer, expected, rtol=0, atol=0.1)
        assert len(model.classes) == len(expected)


def test_loading_draws_no_random_numbers_of_others(run: DictConfig) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    audio_model(run, "synthetic_sex/audionet/0")
    assert torch.equal(torch.rand(2), expected)


def test_what_cannot_be_explained_is_named(run: DictConfig, fresh: DictConfig) -> None:
    with pytest.raises(InputError, match="mfcc_logistic is no network"):
        audio_model(run, "synthetic_digit/mfcc_logistic/0")
    with pytest.raises(InputError, match=r"weights\.pt: not there"):
        audio_model(fresh, "synthetic_digit/alexnet/0")


def test_clips_are_placed_with_their_evidence(run: DictConfig) -> None:
    corpus = config.build(run.studies.synthetic_digit.corpus)
    files = list(corpus.records.file[[7, 2]])
    planted = synthetic_digits.evidence(corpus.root)
    for file, (wave, regions) in zip(files, clips(corpus, files), strict=True):
        (original,) = corpus.waves(corpus.rows(pd.Series([file])))
        placed, offset = crop_or_pad(original, 8000)
        assert torch.equal(wave, placed)
        later = regions.onset_s - planted[planted.file == file].onset_s
        assert set(regions.label) == {"digit", "sex"}
        assert later.to_numpy() == pytest.approx(offset / 8000)


def test_real_recordings_have_no_evidence(run: DictConfig, tmp_path: Path) -> None:
    corpus = config.build(run.studies.synthetic_digit.corpus)
    file = corpus.records.file[0]
    shutil.copytree(corpus.root / Path(file).parent, tmp_path / Path(file).parent)
    ((_, regions),) = clips(replace(corpus, root=tmp_path), [file])
    assert regions.empty
    assert regions[regions.label == "digit"].empty
