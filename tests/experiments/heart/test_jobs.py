"""What the jobs leave, on a tiny run."""

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig

from earwitness.sound.heart_clips import cut_recordings
from experiments.heart.jobs.classifier import (
    balanced,
    balanced_accuracy,
    listed,
    split_segments,
)
from experiments.heart.segmented import predicted_states, segmented
from reproduction import config, sweep


def left(cfg: DictConfig, name: str) -> pd.DataFrame:
    """Predictions of a job."""
    path = sweep.job(cfg, name).folder / sweep.PREDICTIONS
    return pd.read_csv(path, dtype={"speaker": str})


def test_every_recording_has_states_from_end_to_end(run: DictConfig) -> None:
    """In the order of the cycle, with a confidence."""
    corpus = config.build(run.studies.predicted.corpus)
    states = predicted_states(run)
    assert set(states.file) == set(corpus.records.file)
    for file, frames in zip(corpus.records.file, corpus.records.frames, strict=True):
        own = states[states.file == file]
        assert own.start_s.iloc[0] == 0
        assert abs(own.end_s.iloc[-1] - frames / 1000) < 1e-6
        assert np.allclose(own.start_s[1:], own.end_s[:-1])
        assert (np.diff(own.state) % 4 == 1).all()
    assert states.confidence.between(0, 1).all()


def test_networks_hear_sound_and_states(run: DictConfig) -> None:
    """Two rows of one length."""
    corpus = config.build(run.studies.record.corpus)
    rows = corpus.records.index[:2]
    for recording, wave in zip(segmented(run, corpus, rows), corpus.waves(rows), strict=True):
        assert recording.shape == (2, len(wave))
        assert recording[0].equal(wave)
        assert set(recording[1].unique().tolist()) <= {1.0, 2.0, 3.0, 4.0}


def test_a_split_by_record_tests_whole_subjects(run: DictConfig) -> None:
    """Nobody who was trained on."""
    corpus = config.build(run.studies.record.corpus)
    fold = config.build(run.studies.record.split)(corpus.records)[0]
    found = left(run, "record/mfcc_states/0")
    assert set(found.file) == set(corpus.records.file[fold.test])
    assert not set(found.speaker) & set(corpus.records.speaker[fold.train])
    assert np.allclose(found.p_0 + found.p_1, 1, atol=1e-5)
    assert (left(run, "record/forest/0").groupby("file").size() == 1).all()


def test_a_split_by_segment_leaks(run: DictConfig) -> None:
    """Recordings are on both sides, clips are not."""
    job = sweep.job(run, "segment/segments/0")
    corpus = config.build(run.studies.segment.corpus)
    cut = config.build(run.models.segments).clips
    clips, table, _ = split_segments(run, job, corpus, cut)
    rows = corpus.records.index
    whole = listed(corpus, rows, cut_recordings(segmented(run, corpus, rows), cut))
    assert len(clips) + len(table) == len(whole)
    others = whole.drop(table.index)
    assert len(set(others.file) & set(table.file)) > len(set(table.file)) / 2
    assert not set(map(tuple, others[["file", "start_s"]].to_numpy())) & set(
        map(tuple, table[["file", "start_s"]].to_numpy())
    )


def test_one_database_is_left_out(run: DictConfig) -> None:
    """Fold 0 tests the first."""
    assert left(run, "database/potes/0").database.unique().tolist() == ["A"]


def test_classes_and_recordings_are_drawn_alike() -> None:
    """Whatever their clips."""
    weights = balanced(torch.tensor([0, 0, 0, 1]), torch.tensor([0.5, 0.5, 1.0, 1.0]))
    torch.testing.assert_close(weights, torch.tensor([0.25, 0.25, 0.5, 1.0]))


def test_balanced_accuracy_is_of_recordings() -> None:
    """The mean over clips decides; each class weighs a half."""
    table = pd.DataFrame(
        {
            "file": ["a", "a", "b", "c", "d"],
            "label": [1, 1, 0, 0, 0],
            "p_1": [0.9, 0.2, 0.4, 0.6, 0.1],
        }
    ).assign(p_0=lambda rows: 1 - rows.p_1)
    assert abs(balanced_accuracy(table) - (1 + 2 / 3) / 2) < 1e-6
