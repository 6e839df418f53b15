"""Speed as a ratio to a peer, in one process, in turn: what every benchmark is made of."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from earwitness.errors import InputError
from earwitness.files import atomic

REPEATS = 7
RESULTS = Path("results/benchmarks")


@dataclass(frozen=True)
class Ratio:
    """How many times as much a peer takes as we do: median and quartiles over pairs of runs.

    `equal_within` is the largest difference between both results, relative to the largest value.
    """

    measure: str
    peer: str
    peer_version: str
    ratio_median: float
    ratio_q1: float
    ratio_q3: float
    equal_within: float


def of_times(
    measure: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    equal_within: float,
    tolerance: float,
    repeats: int = REPEATS,
) -> Ratio:
    """Time both in turn, after each has run once.

    Args:
        measure: what is timed.
        peer: `name version`.
        ours: one run of our code.
        theirs: one run of the peer's.
        equal_within: how far apart both results lie.
        tolerance: how far apart they may lie.
        repeats: pairs of runs after the first.

    Raises:
        InputError: the results differ by more, so that there is nothing to compare.
    """
    require_equal(measure, equal_within, tolerance)
    ours(), theirs()
    ratios = [seconds(theirs) / seconds(ours) for _ in range(repeats)]
    return of_values(measure, peer, ratios, equal_within)


def require_equal(measure: str, equal_within: float, tolerance: float) -> None:
    """Refuse to compare the speed of what does not give the same.

    Raises:
        InputError: the results lie farther apart than `tolerance`.
    """
    if not equal_within <= tolerance:
        raise InputError(f"{measure}: results differ by {equal_within:.1e}, more than {tolerance}")


def of_values(measure: str, peer: str, ratios: list[float], equal_within: float) -> Ratio:
    """Median and quartiles of ratios theirs / ours."""
    name, _, version = peer.rpartition(" ")
    low, median, high = pd.Series(ratios).quantile([0.25, 0.5, 0.75])
    return Ratio(measure, name, version, median, low, high, equal_within)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def write(rows: Iterable[Ratio], name: str) -> pd.DataFrame:
    """Write `results/benchmarks/<name>.csv`, and print and return it."""
    table = pd.DataFrame([asdict(row) for row in rows])
    with atomic(RESULTS / f"{name}.csv") as temporary:
        table.to_csv(temporary, index=False, float_format="%.4g")
    print(table.to_markdown(index=False, floatfmt=".4g"))
    return table
