"""Train the segmenter on one fold of recordings whose states are annotated, and test it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from tqdm import tqdm

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from earwitness.files import write_json
from earwitness.judge.segmentation import accuracy, pooled_confusion, score_recording
from earwitness.sound.heart_cycle import STATES, Durations, decode_states
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.clips import Clips
from reproduction.training.networks import Task
from reproduction.training.segmenters import SegmenterLearner, SegmenterTask, targets

DURATIONS = "durations.json"
RECORDINGS = "recordings.csv"
TOLERANCES_MS = (60, 100)


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train on one fold, segment its test recordings, and return the share of right frames.

    Leaves in the job's folder `weights.pt`, `durations.json` and `recordings.csv`: two rows a test
    recording, as the network has it and `decoded`, with file, speaker, the counts of
    `earwitness.judge.segmentation.score_recording` and the confidence.
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    fold: Fold = config.build(study.split)(corpus.records)[job.fold]
    learner: SegmenterLearner = config.build(cfg.models[job.model])
    durations = durations_of(corpus, fold.train)
    write_json(job.folder / DURATIONS, durations.to_json())
    clips = learner.clips(corpus.waves(fold.train), corpus.states(fold.train))
    nothing = Clips([], torch.tensor([], dtype=torch.int64), learner.length)
    segmenter = learner.fit(clips, nothing, task(cfg, job), job.folder)
    table = pd.DataFrame(tested(segmenter, durations, corpus, fold.test))
    write_csv(job.folder / RECORDINGS, table)
    return {"accuracy": round(accuracy(pooled_confusion(table[table.decoded])), 6)}


def durations_of(corpus: Corpus, rows: pd.Index) -> Durations:
    """How long the annotated states of some recordings last."""
    assert corpus.segments is not None, "a corpus whose states are read has segments"
    return Durations.from_segments(
        corpus.segments[corpus.segments.file.isin(corpus.records.file[rows])]
    )


def task(cfg: DictConfig, job: sweep.Job) -> Task:
    """States, steps and seed of a job."""
    return Task(len(STATES), cfg.studies[job.study].steps.get(job.model, 0), cfg.seed)


def tested(
    segmenter: SegmenterTask, durations: Durations, corpus: Corpus, rows: pd.Index
) -> Iterator[dict[str, Any]]:
    """The two rows of each recording."""
    frame_rate = corpus.rate / segmenter.hop
    lasting = durations.log_probabilities(frame_rate)
    tracks = corpus.states(rows)
    records = corpus.records.loc[rows].itertuples()
    recordings = list(zip(records, corpus.waves(rows), tracks, strict=True))
    for record, wave, track in tqdm(recordings, "segmenting", disable=None):
        posteriors = segmenter.posteriors(wave)
        truth = targets(track[None], segmenter.hop, posteriors.shape[1])[0].numpy()
        for decoded in (False, True):
            course = decode_states(posteriors, lasting) if decoded else posteriors.argmax(axis=0)
            confidence = posteriors[course, np.arange(len(course))].mean()
            named = {"file": record.file, "speaker": record.speaker, "decoded": decoded}
            counts = score_recording(truth, course, frame_rate, TOLERANCES_MS)
            yield named | counts | {"confidence": confidence}


def load(cfg: DictConfig, job: sweep.Job) -> tuple[SegmenterTask, Durations]:
    """The segmenter that a job trained, and the durations that it learnt."""
    learner: SegmenterLearner = config.build(cfg.models[job.model])
    durations = Durations.from_json(json.loads((job.folder / DURATIONS).read_text()))
    return learner.load(task(cfg, job), job.folder), durations
