"""What the checks say of the explanations, as means with intervals."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import Interval
from earwitness.judge.correlation import correlation_interval
from experiments.audiolime.checks import agreement as agreeing
from experiments.audiolime.checks import convergence as converging
from experiments.audiolime.checks import localisation as locating
from reproduction.results import checks
from reproduction.results.means import means


def convergence(cfg: DictConfig) -> pd.DataFrame:
    """How like the full count fewer draws are, and how like each other two seeds."""
    rows = checks.read(cfg, converging.CHECK)
    kinds = ["tagger", "method", "surrogate", "draws"]
    return means(rows, kinds, ["to_full", "best", "top", "between"], cfg.seed)


def agreement(cfg: DictConfig) -> pd.DataFrame:
    """How like audioLIME other explanations of the same clips are."""
    rows = checks.read(cfg, agreeing.CHECK)
    return means(rows, ["tagger", "second"], ["rank_correlation", "same_best", "time"], cfg.seed)


def localisation(cfg: DictConfig) -> pd.DataFrame:
    """How often and how well the planted cause is found."""
    rows = checks.read(cfg, locating.CHECK)
    kinds = ["tagger", "method", "explanation", "draws"]
    return means(rows, kinds, ["auc_time", "auc", "hit", "chance", "r2"], cfg.seed)


def fidelity_vs_truth(cfg: DictConfig) -> pd.DataFrame:
    """Is an explanation right where its surrogate is faithful: R^2 against AUC, over clips.

    `correlation` is Spearman's of both; `low_fidelity` and `high_fidelity` are the mean AUC of the
    clips below and above the median R^2.
    """
    rows = checks.read(cfg, locating.CHECK)
    columns = ["tagger", "method", "explanation", "draws", "measure", "clips", "r2",
               "correlation", "correlation_low", "correlation_high",
               "low_fidelity", "high_fidelity"]  # fmt: skip
    return pd.DataFrame(_fidelity(cfg.seed, rows.dropna(subset="r2")), columns=columns)


def _fidelity(seed: int, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    kinds = ["tagger", "method", "explanation", "draws"]
    for kind, group in rows.groupby(kinds, sort=False):
        for measure in ("auc_time", "auc"):
            known = group.dropna(subset=measure)
            if len(known) > 2:
                names = dict(zip(kinds, kind, strict=True)) | {"measure": measure}
                yield names | related(seed, known, measure)


def related(seed: int, rows: pd.DataFrame, measure: str) -> dict[str, Any]:
    """R^2 and a measure of truth, of one explanation."""
    rho = fidelity_tells(seed, rows, measure)
    high = rows.r2 > rows.r2.median()
    return {
        "clips": len(rows),
        "r2": rows.r2.mean(),
        "correlation": rho.value,
        "correlation_low": rho.low,
        "correlation_high": rho.high,
        "low_fidelity": rows[measure][~high].mean(),
        "high_fidelity": rows[measure][high].mean(),
    }


def fidelity_tells(seed: int, rows: pd.DataFrame, measure: str) -> Interval:
    """Rank correlation of R^2 and a measure of truth over clips."""
    ranks = rows[["r2", measure]].rank()
    pair = ranks[["r2"]], ranks[[measure]].set_axis(["r2"], axis=1)
    return correlation_interval(*pair, rows.speaker, seed=seed)
