"""What trained schemes say of test songs, arranged for correlations."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import Interval
from earwitness.judge.correlation import correlation_interval
from experiments.midlevel.jobs.train import WEIGHTS
from reproduction import sweep
from reproduction.csv_files import read_csv

SCHEMES = {"a2e": "A2E", "a2mid2e": "A2Mid2E", "joint": "A2Mid2E-Joint"}
"""Models, and what the paper calls them."""
BOTTLENECKS = ("a2mid2e", "joint")


class Pair(NamedTuple):
    """Predictions and ratings, one row a song, one column a rating and run; whose each song is."""

    predicted: pd.DataFrame
    rated: pd.DataFrame
    groups: pd.Series


def of_test_songs(cfg: DictConfig) -> pd.DataFrame:
    """Every prediction of a test song, with its `run`.

    A song that several trainings were tested on has that many runs; under cross-validation each
    song has one.
    """
    answers = sweep.predictions(cfg)
    tested = answers[answers.part == "test"].sort_values("fold", kind="stable")
    return tested.assign(run=tested.groupby(["model", "song", "rating"]).cumcount())


def pair(answers: pd.DataFrame, model: str, ratings: Sequence[str]) -> Pair:
    """One model's answers about songs that were rated."""
    own = answers[(answers.model == model) & answers.rating.isin(list(ratings))]
    own = own.dropna(subset="rated")
    predicted, rated = (
        own.pivot(index=["song", "speaker"], columns=["rating", "run"], values=value)
        for value in ("predicted", "rated")
    )
    return Pair(predicted, rated, predicted.index.get_level_values("speaker").to_series())


def interval(seed: int, answers: pd.DataFrame, model: str, ratings: Sequence[str]) -> Interval:
    """Mean r over ratings and runs, with an interval over songs."""
    return correlation_interval(*pair(answers, model, ratings), seed=seed)


def difference(
    seed: int, answers: pd.DataFrame, better: str, worse: str, ratings: Sequence[str]
) -> Interval:
    """How far one scheme's mean r is above another's, on the same songs."""
    first, second = (pair(answers, model, ratings) for model in (better, worse))
    against = second.predicted.reindex_like(first.predicted)
    return correlation_interval(*first, against, seed=seed)


def by_run(answers: pd.DataFrame, model: str, ratings: Sequence[str]) -> pd.Series:
    """Mean r over ratings of each run."""
    both = pair(answers, model, ratings)
    correlations = both.predicted.corrwith(both.rated)
    return correlations.groupby("run").mean()


def last_layers(cfg: DictConfig) -> pd.DataFrame:
    """Weights of every training with a bottleneck: model, fold, midlevel, emotion, weight."""
    tables = []
    for job in sweep.jobs(cfg):
        if job.model in BOTTLENECKS:
            own = read_csv(job.folder / WEIGHTS).melt("midlevel", None, "emotion", "weight")
            tables.append(own.assign(model=job.model, fold=job.fold))
    return pd.concat(tables, ignore_index=True)


def effects(cfg: DictConfig, answers: pd.DataFrame, model: str) -> pd.DataFrame:
    """Weight times predicted feature for every test song rated for emotions (the paper's effects).

    Returns:
        One row a song, emotion and mid-level feature of each run: song, run, emotion, midlevel,
        feature (its predicted rating), effect.
    """
    own = answers[answers.model == model]
    rated = own[(own.kind == "emotions") & own.rated.notna()].song.unique()
    features = own[(own.kind == "midlevel") & own.song.isin(rated)]
    features = features.rename(columns={"rating": "midlevel", "predicted": "feature"})
    layers = last_layers(cfg)
    layers = layers[layers.model == model]
    joined = features.merge(
        layers[["fold", "midlevel", "emotion", "weight"]], on=["fold", "midlevel"]
    )
    joined["effect"] = joined.weight * joined.feature
    return joined[["song", "run", "emotion", "midlevel", "feature", "effect"]]
