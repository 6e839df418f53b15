"""Claims: each is a statistic with an interval that should exceed zero."""

from collections.abc import Iterator
from typing import NamedTuple

from earwitness.judge.bootstrap import Interval

ROUNDING = 1e-9
"""A bound closer to zero counts as zero, because sums of floats have smaller errors than this."""

ClaimStatistics = Iterator[tuple[str, str, Interval]]
"""Id and text of each claim, and the statistic that should exceed zero, with its interval."""


class Claim(NamedTuple):
    """One row of `claims.csv`: the claim holds if `statistic` is positive."""

    id: str
    claim: str
    statistic: float
    ci_low: float
    ci_high: float
    n: int
    data: str
    verdict: str


def claim(identity: str, text: str, statistic: Interval, data: str) -> Claim:
    """Judge a claim by its `statistic`, which should be positive.

    The verdict is `holds` if the whole 95 % interval is above zero, `fails` if the whole interval
    is below zero, else `undecided`.
    """
    if statistic.low > ROUNDING:
        judged = "holds"
    elif statistic.high < -ROUNDING:
        judged = "fails"
    else:
        judged = "undecided"
    value, low, high, n = statistic
    return Claim(identity, text, value, low, high, n, data, judged)
