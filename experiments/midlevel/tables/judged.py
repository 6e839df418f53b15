"""How explanations compare: do they agree, are they faithful, do they find the planted cause."""

from typing import Any

import pandas as pd
from omegaconf import DictConfig

from experiments.midlevel.checks import cause as planted
from experiments.midlevel.checks import faithfulness as following
from experiments.midlevel.explain import STUDY
from reproduction import sweep
from reproduction.results import checks
from reproduction.results.means import means
from reproduction.store import ExplainedClip


def agreement_rows(cfg: DictConfig, songs: list[ExplainedClip]) -> pd.DataFrame:
    """Rank correlation of both networks' Shapley values: song, speaker, by, emotion, value.

    NaN where one of them says the same of all parts.
    """
    first, second = cfg.explain.models
    rows: list[dict[str, Any]] = []
    for song in songs:
        for by in cfg.explain.by:
            for emotion in cfg.studies[STUDY].emotions:
                values = [
                    song.explanation(m, by, emotion).values.flatten() for m in (first, second)
                ]
                both = pd.DataFrame({m: v.numpy() for m, v in zip("ab", values, strict=True)})
                columns = {"song": song.row.song, "speaker": song.row.speaker, "by": by}
                r = both.corr(method="spearman").loc["a", "b"]
                rows.append(columns | {"emotion": emotion, "value": r})
    return pd.DataFrame(rows)


def agreement(cfg: DictConfig, songs: list[ExplainedClip]) -> pd.DataFrame:
    """Mean rank correlation between the black box's explanation and the explainable network's."""
    rows = agreement_rows(cfg, songs)
    return summarised(cfg, rows, ["by", "emotion"], ["value"])


def faithfulness(cfg: DictConfig) -> pd.DataFrame:
    """How far answers fall and rise along each ranking, in ratings, averaged over emotions."""
    rows = checks.read(cfg, following.CHECK)
    return summarised(cfg, rows, ["by", "model", "ranking"], ["drop", "rise"])


def cause(cfg: DictConfig) -> pd.DataFrame:
    """How often the planted cause is found."""
    rows = checks.read(cfg, planted.CHECK).fillna({"rating": ""})
    return summarised(cfg, rows, ["by", "model", "rating"], ["hit", "share", "chance"])


def summarised(
    cfg: DictConfig, rows: pd.DataFrame, kinds: list[str], values: list[str]
) -> pd.DataFrame:
    """Mean of each value with its interval over songs, one row a kind."""
    table = means(rows, kinds, values, cfg.seed, {"songs": "song"})
    table.insert(0, "corpus", sweep.corpus_names(cfg)[STUDY])
    return table
