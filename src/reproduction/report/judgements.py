"""Verdicts and claims as the report shows them, with their intervals drawn."""

from collections import Counter
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from reproduction.report import shown

OURS = "ours: "
"""How a claim begins that is not the paper's."""
THEIRS = "the paper: "
"""How some of the others begin."""
HALF = 50
"""Of the width of a drawn interval, in its own units."""


class Mark(NamedTuple):
    """How a verdict looks, never by its colour alone, and what several of them do."""

    kind: str
    symbol: str
    several: str


MARKS = {
    "holds": Mark("for", "✓", "hold"),
    "reproduced": Mark("for", "✓", "are reproduced"),
    "undecided": Mark("open", "?", "are undecided"),
    "not comparable": Mark("apart", "/", "are not comparable"),
    "differs": Mark("against", "✗", "differ"),
    "fails": Mark("against", "✗", "fail"),
}
"""Every verdict there is, in the order in which they are counted."""


class Judgement(NamedTuple):
    """A verdict or a claim.

    `drawn` is where low end, value and high end of the interval lie, from 0 to 2 * HALF, and how
    far the published spread reaches. At HALF lies zero for a claim and the published number for a
    verdict. None without interval.
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
    drawn: tuple[float, float, float, float] | None


def claims(paper: str, path: Path) -> list[Judgement]:
    """The claims of a paper, its own first."""
    found = [
        Judgement(
            text=row["claim"].removeprefix(OURS).removeprefix(THEIRS),
            published="",
            source="",
            is_ours=row["claim"].startswith(OURS),
            **_common(paper, path, row, "statistic", 0.0, 0.0),
        )
        for row in shown.read(path)
    ]
    return sorted(found, key=lambda claim: claim.is_ours)


def verdicts(paper: str, path: Path) -> list[Judgement]:
    """Published numbers beside ours."""
    found = []
    for row in shown.read(path):
        published, spread = float(row["published"]), float(row["published_spread"])
        found.append(
            Judgement(
                text=row["what"],
                published=_short(published) + (f" ± {_short(spread)}" if spread else ""),
                source=row["source"],
                is_ours=False,
                **_common(paper, path, row, "reproduced", published, spread),
            )
        )
    return found


def counted(found: Iterable[Judgement]) -> list[tuple[str, int]]:
    """How often each verdict was given, in the order of MARKS; those never given are left out."""
    counts = Counter(judgement.verdict for judgement in found)
    return [(verdict, counts[verdict]) for verdict in MARKS if counts[verdict]]


def _common(
    paper: str, path: Path, row: dict[str, str], name: str, middle: float, spread: float
) -> dict[str, Any]:
    """What verdicts and claims share."""
    low, value, high = (float(row[key] or "nan") for key in ("ci_low", name, "ci_high"))
    interval = f" [{_short(low)}, {_short(high)}]" if isfinite(low) else ""
    return {
        "paper": paper,
        "file": path.name,
        "value": _short(value) + interval,
        "key": row[name],
        "data": row["data"],
        "n": row["n"],
        "verdict": row["verdict"],
        "drawn": _drawn([low, value, high], middle, spread),
    }


def _short(number: float) -> str:
    """Three digits, no exponent."""
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"


def _drawn(
    numbers: list[float], middle: float, spread: float
) -> tuple[float, float, float, float] | None:
    """Where an interval lies beside `middle`; its farthest end is near the edge."""
    if not all(map(isfinite, numbers)):
        return None
    reach = max(spread, *(abs(number - middle) for number in numbers)) or 1.0
    unit = 0.94 * HALF / reach
    low, value, high = (round(HALF + unit * (number - middle), 1) for number in numbers)
    return low, value, high, round(unit * spread, 1)
