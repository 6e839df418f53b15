"""Train one scheme once, and rate every song with it."""

from typing import Any, Protocol

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.ratings import RatingTask, mean_correlation
from reproduction.training.songs import Songs

KINDS = ("midlevel", "emotions")
WEIGHTS = "weights.csv"


class Learner(Protocol):
    """What trains a scheme."""

    frontend: nn.Module

    def inputs(self, waves: list[Tensor]) -> list[Tensor]:
        """Network inputs `(rows, frames)` of waves `(samples,)`, or of features `(features,)`."""

    def fit(self, train: Songs, validate: Songs, seed: int, folder: Any) -> RatingTask:
        """Train on songs."""

    def load(self, sizes: dict[str, int], seed: int, folder: Any) -> RatingTask:
        """What was trained before."""


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train on the songs of a fold and return the mean correlation of emotions on its test songs.

    Leaves in the job's folder the network's weights; `predictions.csv`, one row a song and rating:
    file, speaker, song, part (train, validate or test), kind, rating, rated, predicted; and, for a
    scheme with a bottleneck, `weights.csv`, mid-level features by emotions.
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    learner: Learner = config.build(cfg.models[job.model])
    fold = fold_of(cfg, job, corpus)
    parts = {part: getattr(fold, part) for part in ("train", "validate", "test")}
    songs = {part: songs_of(study, corpus, rows, learner) for part, rows in parts.items()}
    trained = learner.fit(songs["train"], songs["validate"], seed_of(cfg, job), job.folder)
    tables = [
        predicted(study, trained, corpus.records.loc[rows], songs[part]).assign(part=part)
        for part, rows in parts.items()
        if len(rows)
    ]
    _write(pd.concat(tables), job.folder / sweep.PREDICTIONS)
    if "midlevel" in trained.ratings(songs["train"].inputs[:1]):
        _write(weights(study, trained), job.folder / WEIGHTS)
    rated = songs["test"].rated("emotions")
    predictions = trained.ratings(rated.inputs)["emotions"]
    return {"r": round(mean_correlation(predictions, rated.ratings["emotions"]), 4)}


def fold_of(cfg: DictConfig, job: sweep.Job, corpus: Corpus) -> Fold:
    """The songs of a job: its own fold where the study splits into folds, else the one split.

    A study with one split trains once for each of its `folds` all the same, from other seeds.
    """
    folds: list[Fold] = config.build(cfg.studies[job.study].split)(corpus.records)
    return folds[job.fold] if len(folds) > 1 else folds[0]


def seed_of(cfg: DictConfig, job: sweep.Job) -> int:
    """Of a training: each run has its own."""
    return int(cfg.seed) + job.fold


def songs_of(study: DictConfig, corpus: Corpus, rows: pd.Index, learner: Learner) -> Songs:
    """Some recordings as network inputs with their ratings, `(songs, ratings)` of each kind."""
    records = corpus.records.loc[rows]
    ratings = {kind: torch.tensor(records[list(study[kind])].to_numpy("float32")) for kind in KINDS}
    return Songs(learner.inputs(corpus.waves(rows)), ratings, list(records.speaker))


def predicted(
    study: DictConfig, trained: RatingTask, records: pd.DataFrame, songs: Songs
) -> pd.DataFrame:
    """What listeners and the network say, one row a song and rating."""
    predicted, tables = trained.ratings(songs.inputs), []
    for kind, answers in predicted.items():
        for column, rating in enumerate(study[kind]):
            columns = {"rated": songs.ratings[kind][:, column], "predicted": answers[:, column]}
            table = records[["file", "speaker"]].assign(song=song_names(records), kind=kind)
            tables.append(table.assign(rating=rating, **{k: v.numpy() for k, v in columns.items()}))
    return pd.concat(tables)


def song_names(records: pd.DataFrame) -> pd.Series:
    """One name a song: its file, or what tells excerpts of one file apart."""
    named = records.excerpt if "excerpt" in records else records.file
    return named.str.replace(r"\.\w+$", "", regex=True).str.replace(r"[/\\]", "_", regex=True)


def weights(study: DictConfig, trained: RatingTask) -> pd.DataFrame:
    """The last layer, emotions from mid-level features: a row a feature, a column an emotion."""
    values = trained.network.emotions.weight.detach().T.numpy()
    named = pd.DataFrame(values, columns=list(study.emotions))
    named.insert(0, "midlevel", list(study.midlevel))
    return named


def _write(table: pd.DataFrame, path: Any) -> None:
    write_csv(path, table)
