from math import nan

import pytest

from earwitness.judge.bootstrap import Interval
from reproduction.results.claims import Claim, claim

TINY = 2e-9


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 0.2, "holds"),
        (TINY, 0.2, "holds"),
        (0.0, 0.2, "undecided"),
        (1e-17, 0.2, "undecided"),
        (-TINY, 0.2, "undecided"),
        (-0.1, 0.1, "undecided"),
        (0.0, 0.0, "undecided"),
        (-0.2, 0.0, "undecided"),
        (-0.2, -TINY, "fails"),
        (-0.2, -0.1, "fails"),
        (nan, nan, "undecided"),
    ],
)
def test_a_claim_is_judged_by_its_whole_interval(low: float, high: float, expected: str) -> None:
    assert claim("a", "b", Interval(0.15, low, high, 3), "FSDD").verdict == expected


@pytest.mark.parametrize("statistic", [1.0, -1.0])
def test_the_statistic_alone_decides_nothing(statistic: float) -> None:
    assert claim("a", "b", Interval(statistic, -2.0, 2.0, 3), "FSDD").verdict == "undecided"


def test_a_claim_carries_what_it_was_judged_by() -> None:
    found = claim("better", "x beats y", Interval(0.15, 0.1, 0.2, 30), "FSDD")
    assert found == Claim("better", "x beats y", 0.15, 0.1, 0.2, 30, "FSDD", "holds")
