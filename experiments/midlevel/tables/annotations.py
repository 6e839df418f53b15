"""How mid-level features and emotions go together in what listeners say (the paper's figure)."""

from pathlib import Path

import pandas as pd
from omegaconf import DictConfig

from earwitness.corpora.synthetic_music import NAME as SYNTHETIC
from earwitness.corpora.synthetic_music import PLANTED, PRINTED
from experiments.midlevel.answers import of_test_songs
from experiments.midlevel.explain import STUDY
from reproduction import sweep
from reproduction.csv_files import read_csv

PUBLISHED = Path(__file__).parents[1] / "published_annotations.csv"
KEYS = ["midlevel", "emotion"]


def annotation_correlations(cfg: DictConfig) -> pd.DataFrame:
    """Pearson's r of each mid-level feature with each emotion, and the published one.

    Over all songs that have both ratings. Where none has, predictions of A2Mid2E stand for the
    mid-level ratings of test songs, as `midlevel_by` says.
    """
    names = cfg.studies[STUDY]
    ratings, source = rated(cfg), "labels"
    if ratings[[*names.midlevel, *names.emotions]].dropna().empty:
        ratings, source = with_predictions(cfg, ratings), "A2Mid2E"
    matrix = ratings.corr().loc[list(names.midlevel), list(names.emotions)]
    table = long(matrix, "r").assign(corpus=sweep.corpus_names(cfg)[STUDY], midlevel_by=source)
    published = long(read_csv(PUBLISHED).set_index("midlevel"), "published")
    table = table.merge(published, how="left", on=KEYS)
    return table[["corpus", "midlevel_by", *KEYS, "r", "published"]]


def rated(cfg: DictConfig) -> pd.DataFrame:
    """What was rated of every song, one row a song, one column a rating."""
    answers = sweep.predictions(cfg)
    one = answers[answers.model == "joint"].drop_duplicates(["song", "rating"])
    return one.pivot(index="song", columns="rating", values="rated")


def with_predictions(cfg: DictConfig, ratings: pd.DataFrame) -> pd.DataFrame:
    """Ratings in which mid-level features are those predicted of test songs."""
    answers = of_test_songs(cfg)
    own = answers[(answers.model == "a2mid2e") & (answers.kind == "midlevel")]
    predicted = own.pivot_table(index="song", columns="rating", values="predicted")
    return ratings[list(cfg.studies[STUDY].emotions)].join(predicted)


def long(matrix: pd.DataFrame, name: str) -> pd.DataFrame:
    """A matrix of mid-level features by emotions, one row an entry."""
    named = matrix.rename_axis(index="midlevel", columns=None).reset_index()
    return named.melt("midlevel", None, "emotion", name)


def with_known_weights(table: pd.DataFrame) -> pd.DataFrame:
    """Weights with those that the paper prints, and those planted where songs were synthesised."""
    printed = table.merge(long(PRINTED, "published"), how="left", on=KEYS)
    if not (table.corpus == SYNTHETIC).all():
        return printed
    return printed.merge(long(PLANTED, "planted"), how="left", on=KEYS)
