"""Train a tagger, where no published tagger has the tags of the music."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from torchmetrics.functional.classification import multilabel_auroc

from earwitness.corpora.corpus import Corpus
from earwitness.models.taggers.published import ARCHITECTURES
from experiments.audiolime.music import fold_of, starts, task_of
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.clips import Clips
from reproduction.training.tags import TaggerLearner


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train on the songs of a fold and return the mean ROC-AUC of tags on its test songs.

    Leaves in the job's folder the weights and `predictions.csv`, one row a test song and tag: file,
    speaker, tag, present, probability.
    """
    torch.set_num_threads(cfg.threads)
    corpus: Corpus = config.build(cfg.studies[job.study].corpus)
    learner: TaggerLearner = config.build(cfg.models[job.model])
    fold = fold_of(cfg, job, corpus)
    train, validate = (clips(cfg.tags, job, corpus, rows) for rows in (fold.train, fold.validate))
    trained = learner.fit(train, validate, task_of(cfg, job), job.folder)
    test = clips(cfg.tags, job, corpus, fold.test)
    answers = trained.probabilities(torch.stack(list(test.waves)))
    songs = corpus.records.loc[fold.test, ["file", "speaker"]]
    tables = [
        songs.assign(tag=tag, present=test.labels[:, column], probability=answers[:, column])
        for column, tag in enumerate(cfg.tags)
    ]
    write_csv(job.folder / sweep.PREDICTIONS, pd.concat(tables))
    score = multilabel_auroc(answers, test.labels.int(), len(cfg.tags))
    return {"auroc": round(float(score), 4)}


def clips(tags: Sequence[str], job: sweep.Job, corpus: Corpus, rows: pd.Index) -> Clips:
    """The middle of some songs, as long as the tagger's input, with their tags."""
    samples = ARCHITECTURES[job.model].samples
    waves = [middle(wave, samples) for wave in corpus.waves(rows)]
    tags = corpus.records.loc[rows, list(tags)].to_numpy("float32")
    return Clips(waves, torch.from_numpy(tags), samples)


def middle(wave: torch.Tensor, samples: int) -> torch.Tensor:
    """The `samples` in the middle of a wave `(samples or more,)`."""
    (start,) = starts(len(wave), samples, 1)
    return wave[start : start + samples]
