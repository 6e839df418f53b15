"""The score of the PhysioNet/CinC Challenge 2016 (Clifford et al. 2016), and its interval."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from earwitness.judge.bootstrap import Interval, percentile_interval

UNSURE = "unsure"


class Score(NamedTuple):
    """Sensitivity, specificity and their mean, all as fractions."""

    se: float
    sp: float
    macc: float


def score(answers: pd.Series, abnormal: pd.Series, noisy: pd.Series) -> Score:
    """The challenge's modified accuracy.

    Recordings of good and of bad quality are scored apart and weighed by how many there are.
    "unsure" is right about a bad recording and wrong about a good one.

    Args:
        answers: "abnormal", "normal" or "unsure" for each recording.
        abnormal: what is true of it, bool.
        noisy: whether its quality is bad, bool.
    """
    credit = credit_answers(answers, abnormal, noisy)
    se, sp = (float(credit[abnormal == kind].mean()) for kind in (True, False))
    return Score(se, sp, (se + sp) / 2)


def credit_answers(answers: pd.Series, abnormal: pd.Series, noisy: pd.Series) -> pd.Series:
    """1 for each right answer, 0 for each wrong one.

    The shares of good and bad recordings that weigh the challenge's terms cancel against their
    denominators, so sensitivity and specificity are plain means of these.
    """
    told = pd.Series(np.where(abnormal, "abnormal", "normal"), index=answers.index)
    return ((answers == told) | (noisy & (answers == UNSURE))).astype(int)


def macc_interval(
    credit: pd.Series, abnormal: pd.Series, groups: pd.Series, seed: int = 0
) -> Interval:
    """MAcc with its 95 % interval from resampling whole `groups` (recordings or subjects).

    Args:
        credit: 1 for each right answer, see `credit_answers`.
        abnormal: what is true of it, bool.
        groups: what each item belongs to.
        seed: of the draws.

    Returns:
        No interval, NaN, where there is one group, or where nothing is normal or nothing abnormal.
    """
    table = pd.DataFrame(
        {
            "found": credit * abnormal,
            "abnormal": abnormal.astype(int),
            "spared": credit * ~abnormal,
            "normal": (~abnormal).astype(int),
        }
    )
    sums = table.groupby(groups.to_numpy()).sum()
    samples = [sums[name].to_numpy() for name in sums]
    value = float(_macc(*samples))
    if not (sums[["abnormal", "normal"]].sum() > 0).all():
        return Interval(value, np.nan, np.nan, len(sums))
    return percentile_interval(value, samples, _macc, resamples=2000, seed=seed)


def _macc(found: Any, abnormal: Any, spared: Any, normal: Any, axis: int = -1) -> Any:
    """Mean of both recalls over the groups drawn; a class that was not drawn at all counts 0."""
    recalls = (
        right.sum(axis=axis) / np.maximum(there.sum(axis=axis), 1)
        for right, there in ((found, abnormal), (spared, normal))
    )
    return sum(recalls) / 2
