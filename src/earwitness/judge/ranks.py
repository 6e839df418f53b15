"""Which of several methods is better, over models that are asked and clips that are drawn."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from earwitness.judge.bootstrap import mean_interval

OVERALL = "overall"
RANK_DECIMALS = 6
"""To which means are rounded before they are ranked: those that differ by rounding alone tie."""


class BoundedMeans(NamedTuple):
    """Means with 95 % intervals: tables with a row a method and a column a measure.

    NaN where a method has no value. Where there is one speaker there is no interval.
    """

    mean: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame


def means_and_ranks(
    rows: pd.DataFrame, better: Mapping[str, int], draws: int = 1000, seed: int = 0
) -> tuple[BoundedMeans, BoundedMeans]:
    """Means of each measure over models, and mean ranks within them, 1 being best.

    Speakers are drawn within each stratum, each with all of its clips in all models; which models
    there are is not left to chance. Where a model has no value of a method, the others are ranked
    without it.

    Args:
        rows: one row a clip and method of a model: `model`, `method`, `stratum` (what models that
            hear the same speakers have in common), `speaker`, and a column a measure.
        better: measure -> 1 if more of it is better, -1 if less is.
        draws: of the bootstrap.
        seed: of the draws.

    Returns:
        Means, and ranks, which have one more column: `overall`, the mean rank over measures.
    """
    methods, measures = list(dict.fromkeys(rows.method)), list(better)
    weights = _drawn(rows, draws, seed)
    models = rows.groupby("model", sort=False)
    found = np.stack([_means(own, methods, measures, weights) for _, own in models])
    signs = np.array([better[measure] for measure in measures])
    ranks = _known_mean(_ranked(signs * found), axis=0)
    overall = _known_mean(ranks, axis=2)[..., None]
    several = rows.groupby("stratum").speaker.nunique().max() > 1
    return (
        _bounded(_known_mean(found, axis=0), methods, measures, several),
        _bounded(np.concatenate([ranks, overall], 2), methods, [*measures, OVERALL], several),
    )


def mean_differences(
    rows: pd.DataFrame, method: str, others: list[str], measure: str
) -> pd.DataFrame:
    """How far a method's values are above those of others, on the same clips.

    Args:
        rows: as of `means_and_ranks`, with `clip`.
        method: whose values.
        others: above whose.
        measure: of which more is better.

    Returns:
        One row an other: `other`, the mean difference `value`, its 95 % interval `low` and `high`
        over speakers, and `n`, how many these are.
    """
    clips = ["stratum", "model", "speaker", "clip"]
    values = rows.pivot(index=clips, columns="method", values=measure)
    groups = values.index.to_frame().stratum + " " + values.index.to_frame().speaker
    found = []
    for other in others:
        known = (values[method] - values[other]).dropna()
        found.append((other, *mean_interval(known, groups[known.index], resamples=2000)))
    return pd.DataFrame(found, columns=["other", "value", "low", "high", "n"])


def _drawn(rows: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """How often each speaker was drawn: a row a stratum and speaker; column 0 is once each."""
    random = np.random.default_rng(seed)
    tables = []
    for stratum, own in rows.groupby("stratum"):
        speakers = sorted(own.speaker.unique())
        drawn = random.multinomial(len(speakers), np.ones(len(speakers)) / len(speakers), draws)
        index = pd.MultiIndex.from_product([[stratum], speakers])
        tables.append(pd.DataFrame(np.vstack([np.ones(len(speakers)), drawn]).T, index=index))
    return pd.concat(tables)


def _means(
    rows: pd.DataFrame, methods: list[str], measures: list[str], weights: pd.DataFrame
) -> np.ndarray:
    """Means of one model's values, `(draws + 1, methods, measures)`; NaN where there are none."""
    kept = np.full((weights.shape[1], len(methods), len(measures)), np.nan)
    for place, method in enumerate(methods):
        own = rows[rows.method == method]
        if own.empty:
            continue
        drawn = weights.loc[list(zip(own.stratum, own.speaker, strict=True))].to_numpy().T
        values = own[measures].to_numpy(float)
        total, known = drawn @ np.nan_to_num(values), drawn @ ~np.isnan(values)
        kept[:, place] = np.where(known > 0, total / np.maximum(known, 1), np.nan)
    return kept.round(RANK_DECIMALS)


def _bounded(
    drawn: np.ndarray, methods: list[str], measures: list[str], several: bool
) -> BoundedMeans:
    """Tables of `(draws + 1, methods, measures)`, of which the first was not drawn."""
    columns = pd.MultiIndex.from_product([methods, measures])
    table = pd.DataFrame(drawn.reshape(len(drawn), -1), columns=columns)
    known = 1.0 if several else np.nan
    bounds = [known * table[1:].quantile(share) for share in (0.025, 0.975)]
    return BoundedMeans(
        *(part.unstack().loc[methods, measures] for part in (table.iloc[0], *bounds))
    )


def _ranked(values: np.ndarray) -> np.ndarray:
    """Ranks of methods `(..., methods, measures)`, 1 for the largest; equal ones share theirs."""
    ranks = rankdata(np.nan_to_num(-values, nan=np.inf), axis=-2)
    return np.where(np.isnan(values), np.nan, ranks)


def _known_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is not NaN."""
    known = (~np.isnan(values)).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)
