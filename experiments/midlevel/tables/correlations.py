"""How well ratings are predicted, and what explainability costs (the paper's main table)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from omegaconf import DictConfig

from experiments.midlevel.answers import (
    BOTTLENECKS,
    SCHEMES,
    by_run,
    difference,
    interval,
    last_layers,
    of_test_songs,
    pair,
)
from experiments.midlevel.explain import STUDY
from reproduction import sweep

PUBLISHED = Path(__file__).parents[1] / "published.yaml"
MEAN = "mean"


def correlations(cfg: DictConfig) -> pd.DataFrame:
    """Pearson's r of each scheme and emotion, and of the mean of emotions.

    Mean and standard deviation over runs, an interval over songs; what is lost against the black
    box (`cost`), on the same songs; and what is published of other songs.
    """
    answers, emotions = of_test_songs(cfg), list(cfg.studies[STUDY].emotions)
    rows = [
        row(cfg, answers, model, emotion, [emotion] if emotion != MEAN else emotions)
        for model in SCHEMES
        for emotion in [*emotions, MEAN]
    ]
    table = pd.DataFrame(rows)
    return table.merge(printed(), how="left", on=["scheme", "emotion"])


def row(
    cfg: DictConfig, answers: pd.DataFrame, model: str, emotion: str, ratings: Sequence[str]
) -> dict[str, Any]:
    """One scheme and emotion."""
    runs, bounds = by_run(answers, model, ratings), interval(cfg.seed, answers, model, ratings)
    columns = {
        "corpus": sweep.corpus_names(cfg)[STUDY],
        "scheme": SCHEMES[model],
        "emotion": emotion,
        "songs": len(pair(answers, model, ratings).predicted),
        "runs": len(runs),
        "mean": bounds.value,
        "sd_runs": runs.std(ddof=1),
        "ci_low": bounds.low,
        "ci_high": bounds.high,
    }
    if model not in BOTTLENECKS:
        return columns
    cost = difference(cfg.seed, answers, "a2e", model, ratings)
    return columns | {"cost": cost.value, "cost_low": cost.low, "cost_high": cost.high}


def printed() -> pd.DataFrame:
    """Published correlations, and those of the later run, by scheme and emotion."""
    entries = pd.DataFrame(yaml.safe_load(PUBLISHED.read_text())["correlations"])
    entries["scheme"] = entries.scheme.map(SCHEMES)
    entries["whose"] = entries.id.str.endswith("_rerun").map(
        {True: "later_run", False: "published"}
    )
    return entries.pivot(index=["scheme", "emotion"], columns="whose", values="value").reset_index()


def midlevel(cfg: DictConfig) -> pd.DataFrame:
    """Pearson's r of each mid-level feature by the two schemes that predict them."""
    answers, features = of_test_songs(cfg), list(cfg.studies[STUDY].midlevel)
    rows = [
        row(cfg, answers, model, feature, [feature] if feature != MEAN else features)
        for model in BOTTLENECKS
        for feature in [*features, MEAN]
    ]
    costs = ["cost", "cost_low", "cost_high"]
    return pd.DataFrame(rows).drop(columns=costs).rename(columns={"emotion": "midlevel"})


def weights(cfg: DictConfig) -> pd.DataFrame:
    """The last layer of both schemes: mean and standard deviation over trainings."""
    layers = last_layers(cfg)
    kinds = ["model", "midlevel", "emotion"]
    table = layers.groupby(kinds, sort=False).weight.agg(["mean", "std"]).reset_index()
    table.insert(0, "corpus", sweep.corpus_names(cfg)[STUDY])
    table["model"] = table.model.map(SCHEMES)
    return table.rename(columns={"model": "scheme", "std": "sd_runs"})
