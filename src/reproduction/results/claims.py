"""What a paper says, as a statistic with an interval."""

from collections.abc import Iterator
from typing import NamedTuple

from earwitness.judge.bootstrap import Interval

ROUNDING = 1e-9
"""A bound nearer to zero than this is zero: sums of floats miss it by less."""

Said = Iterator[tuple[str, str, Interval]]
"""Id, what is claimed, and a statistic that should be above zero."""


class Claim(NamedTuple):
    """One row of `claims.csv`: the claim holds where `statistic` is positive."""

    id: str
    claim: str
    statistic: float
    ci_low: float
    ci_high: float
    n: int
    data: str
    verdict: str


def claim(identity: str, text: str, statistic: Interval, data: str) -> Claim:
    """Judge a claim whose `statistic` should be positive.

    `holds` or `fails` where the whole 95 % interval is on one side of zero, else `undecided`.
    """
    if statistic.low > ROUNDING:
        judged = "holds"
    elif statistic.high < -ROUNDING:
        judged = "fails"
    else:
        judged = "undecided"
    value, low, high, n = statistic
    return Claim(identity, text, value, low, high, n, data, judged)
