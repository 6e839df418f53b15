"""Verdicts and claims as the report shows them, with their intervals drawn."""

from collections import Counter
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from earwitness.report import shown

OURS = "ours: "
"""How a claim begins that is not the paper's."""
HALF = 50
"""Of the width of a drawn interval, in its own units."""


class Mark(NamedTuple):
    """How a verdict looks: never by its colour alone."""

    kind: str
    symbol: str


MARKS = {
    "holds": Mark("for", "✓"),
    "reproduced": Mark("for", "✓"),
    "undecided": Mark("open", "?"),
    "not comparable": Mark("apart", "–"),
    "differs": Mark("against", "✗"),
    "fails": Mark("against", "✗"),
}
"""Every verdict there is, in the order in which they are counted."""


class Judgement(NamedTuple):
    """A verdict or a claim.

    `drawn` is where low end, value and high end of the interval lie, from 0 to 2 * HALF with
    `middle` at HALF: zero for a claim, the published number for a verdict; None without interval.
    """

    paper: str
    file: str
    text: str
    value: str
    key: str
    published: str
    source: str
    data: str
    n: str
    verdict: str
    is_ours: bool
    drawn: tuple[float, float, float] | None


def claims(paper: str, path: Path) -> list[Judgement]:
    """The claims of a paper, its own first."""
    rows = shown.read(path).to_dict("records")
    found = [_judged(paper, path, row, row["claim"], "statistic", 0.0) for row in rows]
    return sorted(found, key=lambda claim: claim.is_ours)


def verdicts(paper: str, path: Path) -> list[Judgement]:
    """Published numbers beside ours."""
    rows = shown.read(path).to_dict("records")
    return [
        _judged(paper, path, row, row["what"], "reproduced", float(row["published"]))
        for row in rows
    ]


def counted(found: Iterable[Judgement]) -> list[tuple[str, int]]:
    """How often each verdict was given, in the order of MARKS; those never given are left out."""
    counts = Counter(judgement.verdict for judgement in found)
    return [(verdict, counts[verdict]) for verdict in MARKS if counts[verdict]]


def _judged(
    paper: str, path: Path, row: dict[str, str], text: str, value: str, middle: float
) -> Judgement:
    numbers = [_number(row[name]) for name in ("ci_low", value, "ci_high")]
    spread = f" ± {_short(row['published_spread'])}" if row.get("published_spread") else ""
    return Judgement(
        paper=paper,
        file=path.name,
        text=text.removeprefix(OURS),
        value=_with_interval(*numbers),
        key=row[value],
        published=_short(row["published"]) + spread if "published" in row else "",
        source=row.get("source", ""),
        data=row["data"],
        n=row["n"],
        verdict=row["verdict"],
        is_ours=text.startswith(OURS),
        drawn=_drawn(numbers, middle),
    )


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _short(text: str) -> str:
    """Three digits, no exponent."""
    number = float(text)
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"


def _with_interval(low: float, value: float, high: float) -> str:
    """`value [low, high]`, or the value alone."""
    told = [_short(str(number)) for number in (value, low, high)]
    return f"{told[0]} [{told[1]}, {told[2]}]" if isfinite(low) else told[0]


def _drawn(numbers: list[float], middle: float) -> tuple[float, float, float] | None:
    """Where an interval lies beside `middle`; its farthest end is near the edge."""
    if not all(map(isfinite, numbers)):
        return None
    reach = max(abs(number - middle) for number in numbers) or 1.0
    low, value, high = (HALF + 0.94 * HALF * (n - middle) / reach for n in numbers)
    return round(low, 1), round(value, 1), round(high, 1)
