"""Which of several explanation methods is better, over fixed models and resampled speakers."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from earwitness.judge.bootstrap import mean_interval

OVERALL = "overall"
RANK_DECIMALS = 6
"""Decimals that means are rounded to before they are ranked, so that rounding errors tie."""


class BoundedMeans(NamedTuple):
    """Means with 95 % intervals: tables with one row a method and one column a measure.

    NaN where a method has no value. With a single speaker there are no bounds.
    """

    mean: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame


def means_and_ranks(
    rows: pd.DataFrame, better: Mapping[str, int], draws: int = 1000, seed: int = 0
) -> tuple[BoundedMeans, BoundedMeans]:
    """Means of each measure over models, and mean ranks within models, 1 being best.

    Speakers are resampled within each stratum, each with all of its clips in all models; models
    are fixed. A method without a value in a model is left out of that model's ranking.

    Args:
        rows: one row a clip and method of a model: `model`, `method`, `stratum` (the same for
            models that are evaluated on the same speakers), `speaker`, and a column a measure.
        better: measure -> 1 if higher is better, -1 if lower is.
        draws: number of bootstrap draws.
        seed: of the draws.

    Returns:
        Means, and ranks, which have one more column: `overall`, the mean rank over measures.
    """
    methods, measures = list(dict.fromkeys(rows.method)), list(better)
    weights = _drawn(rows, draws, seed)
    models = rows.groupby("model", sort=False)
    means = np.stack([_means(own, methods, measures, weights) for _, own in models])
    signs = np.array([better[measure] for measure in measures])
    ranks = _known_mean(_ranked(signs * means), axis=0)
    overall = _known_mean(ranks, axis=2)[..., None]
    several = rows.groupby("stratum").speaker.nunique().max() > 1
    return (
        _bounded(_known_mean(means, axis=0), methods, measures, several),
        _bounded(np.concatenate([ranks, overall], 2), methods, [*measures, OVERALL], several),
    )


def mean_differences(
    rows: pd.DataFrame, method: str, others: list[str], measure: str
) -> pd.DataFrame:
    """How far a method's values exceed those of other methods on the same clips, on average.

    Args:
        rows: as of `means_and_ranks`, with a column `clip`.
        method: the one compared.
        others: methods that it is compared with.
        measure: column that is compared, of which higher is better.

    Returns:
        One row for each of `others`: `other`, the mean difference `value`, its 95 % interval `low`
        and `high` over speakers, and `n`, the number of speakers.
    """
    clips = ["stratum", "model", "speaker", "clip"]
    values = rows.pivot(index=clips, columns="method", values=measure)
    groups = values.index.to_frame().stratum + " " + values.index.to_frame().speaker
    table = []
    for other in others:
        known = (values[method] - values[other]).dropna()
        table.append((other, *mean_interval(known, groups[known.index], resamples=2000)))
    return pd.DataFrame(table, columns=["other", "value", "low", "high", "n"])


def _drawn(rows: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """How often each speaker is drawn: one row a stratum and speaker; column 0 is once each."""
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
    """Means of one model's values, `(draws + 1, methods, measures)`; NaN where it has none."""
    means = np.full((weights.shape[1], len(methods), len(measures)), np.nan)
    for index, method in enumerate(methods):
        own = rows[rows.method == method]
        if own.empty:
            continue
        drawn = weights.loc[list(zip(own.stratum, own.speaker, strict=True))].to_numpy().T
        values = own[measures].to_numpy(float)
        total, known = drawn @ np.nan_to_num(values), drawn @ ~np.isnan(values)
        means[:, index] = np.where(known > 0, total / np.maximum(known, 1), np.nan)
    return means.round(RANK_DECIMALS)


def _bounded(
    drawn: np.ndarray, methods: list[str], measures: list[str], several: bool
) -> BoundedMeans:
    """Means and bounds of values `(draws + 1, methods, measures)`; the first were not resampled."""
    columns = pd.MultiIndex.from_product([methods, measures])
    table = pd.DataFrame(drawn.reshape(len(drawn), -1), columns=columns)
    known = 1.0 if several else np.nan
    bounds = [known * table[1:].quantile(share) for share in (0.025, 0.975)]
    return BoundedMeans(
        *(part.unstack().loc[methods, measures] for part in (table.iloc[0], *bounds))
    )


def _ranked(values: np.ndarray) -> np.ndarray:
    """Ranks of values `(..., methods, measures)` among methods, 1 for the largest; ties share."""
    ranks = rankdata(np.nan_to_num(-values, nan=np.inf), axis=-2)
    return np.where(np.isnan(values), np.nan, ranks)


def _known_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean along an axis of values `(...)` that are not NaN; NaN if all are."""
    known = (~np.isnan(values)).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)
