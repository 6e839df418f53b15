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
    """The challenge's modified accuracy, MAcc.

    Recordings of good and of bad quality are scored separately and weighted by their numbers.
    "unsure" is correct for a bad recording and wrong for a good one.

    Args:
        answers: "abnormal", "normal" or "unsure" for each recording.
        abnormal: whether its true class is "abnormal", bool.
        noisy: whether its quality is bad, bool.
    """
    credit = credit_answers(answers, abnormal, noisy)
    se, sp = (float(credit[abnormal == kind].mean()) for kind in (True, False))
    return Score(se, sp, (se + sp) / 2)


def credit_answers(answers: pd.Series, abnormal: pd.Series, noisy: pd.Series) -> pd.Series:
    """1 for each correct answer, 0 for each wrong one; arguments as of `score`.

    The shares of good and bad recordings that weigh the challenge's terms cancel against their
    denominators, so sensitivity and specificity are plain means of these.
    """
    truth = pd.Series(np.where(abnormal, "abnormal", "normal"), index=answers.index)
    return ((answers == truth) | (noisy & (answers == UNSURE))).astype(int)


def macc_interval(
    credit: pd.Series, abnormal: pd.Series, groups: pd.Series, seed: int = 0
) -> Interval:
    """MAcc with its 95 % interval from resampling whole `groups` (recordings or subjects).

    Args:
        credit: 1 for each correct answer, see `credit_answers`.
        abnormal: whether its true class is "abnormal", bool.
        groups: what each item belongs to.
        seed: of the draws.

    Returns:
        NaN instead of bounds if there is one group, or if either class is missing.
    """
    table = pd.DataFrame(
        {
            "true_positives": credit * abnormal,
            "abnormal": abnormal.astype(int),
            "true_negatives": credit * ~abnormal,
            "normal": (~abnormal).astype(int),
        }
    )
    sums = table.groupby(groups.to_numpy()).sum()
    samples = [sums[name].to_numpy() for name in sums]
    value = float(_macc(*samples))
    if not (sums[["abnormal", "normal"]].sum() > 0).all():
        return Interval(value, np.nan, np.nan, len(sums))
    return percentile_interval(value, samples, _macc, resamples=2000, seed=seed)


def _macc(
    true_positives: Any, abnormal: Any, true_negatives: Any, normal: Any, axis: int = -1
) -> Any:
    """Mean of both recalls `(...)` of counts `(..., groups)`; 0 for a class that was not drawn."""
    recalls = (
        correct.sum(axis=axis) / np.maximum(count.sum(axis=axis), 1)
        for correct, count in ((true_positives, abnormal), (true_negatives, normal))
    )
    return sum(recalls) / 2
