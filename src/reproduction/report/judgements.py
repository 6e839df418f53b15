"""Verdicts and claims as the report shows them, with a drawing of their intervals."""

from collections import Counter
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from reproduction.report import tables

ADDITIONAL_PREFIX = "ours: "
"""Begins the text of a claim that is not the paper's."""
PAPER_PREFIX = "the paper: "
"""Begins the text of some claims of the paper."""
CENTRE = 50
"""Middle of the drawing of an interval, whose width is 100."""


class VerdictStyle(NamedTuple):
    """How a verdict is shown, never by colour alone: CSS class, symbol and plural form."""

    css_class: str
    symbol: str
    plural: str


STYLES = {
    "holds": VerdictStyle("confirmed", "✓", "hold"),
    "reproduced": VerdictStyle("confirmed", "✓", "are reproduced"),
    "undecided": VerdictStyle("undecided", "?", "are undecided"),
    "not comparable": VerdictStyle("incomparable", "/", "are not comparable"),
    "differs": VerdictStyle("refuted", "✗", "differ"),
    "fails": VerdictStyle("refuted", "✗", "fail"),
}
"""The style of every verdict, in the order in which they are counted."""


class IntervalDrawing(NamedTuple):
    """Positions in the drawing of an interval, from 0 to 2 * CENTRE.

    At CENTRE lies zero for a claim and the published number for a verdict; `spread` is the half
    width of the published spread.
    """

    low: float
    value: float
    high: float
    spread: float


class Judgement(NamedTuple):
    """A verdict or a claim as text; `interval` is None if there is no interval."""

    paper: str
    file: str
    text: str
    value: str
    sort_key: str
    published: str
    source: str
    data: str
    n: str
    verdict: str
    is_additional: bool
    interval: IntervalDrawing | None


def read_claims(paper: str, path: Path) -> list[Judgement]:
    """Return the claims of a paper's `claims.csv`, those of the publication first.

    Raises:
        InputError: the file is missing or damaged.
    """
    claims = [
        Judgement(
            text=row["claim"].removeprefix(ADDITIONAL_PREFIX).removeprefix(PAPER_PREFIX),
            published="",
            source="",
            is_additional=row["claim"].startswith(ADDITIONAL_PREFIX),
            **_shared_fields(paper, path, row, "statistic", 0.0, 0.0),
        )
        for row in tables.read_rows(path)
    ]
    return sorted(claims, key=lambda claim: claim.is_additional)


def read_verdicts(paper: str, path: Path) -> list[Judgement]:
    """Return the verdicts on published numbers of a paper's `verdicts.csv`.

    Raises:
        InputError: the file is missing or damaged.
    """
    verdicts = []
    for row in tables.read_rows(path):
        published, spread = float(row["published"]), float(row["published_spread"])
        verdicts.append(
            Judgement(
                text=row["what"],
                published=_short(published) + (f" ± {_short(spread)}" if spread else ""),
                source=row["source"],
                is_additional=False,
                **_shared_fields(paper, path, row, "reproduced", published, spread),
            )
        )
    return verdicts


def count_verdicts(judgements: Iterable[Judgement]) -> list[tuple[str, int]]:
    """Return each verdict that occurs with its number, in the order of STYLES."""
    counts = Counter(judgement.verdict for judgement in judgements)
    return [(verdict, counts[verdict]) for verdict in STYLES if counts[verdict]]


def _shared_fields(
    paper: str, path: Path, row: dict[str, str], column: str, reference: float, spread: float
) -> dict[str, Any]:
    """Return the fields that verdicts and claims share; `column` has the value."""
    low, value, high = (float(row[key] or "nan") for key in ("ci_low", column, "ci_high"))
    interval = f" [{_short(low)}, {_short(high)}]" if isfinite(low) else ""
    return {
        "paper": paper,
        "file": path.name,
        "value": _short(value) + interval,
        "sort_key": row[column],
        "data": row["data"],
        "n": row["n"],
        "verdict": row["verdict"],
        "interval": _draw_interval([low, value, high], reference, spread),
    }


def _short(number: float) -> str:
    """Return a number with three significant digits and no exponent."""
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"


def _draw_interval(numbers: list[float], reference: float, spread: float) -> IntervalDrawing | None:
    """Scale low end, value and high end so that the farthest from `reference` is near the edge."""
    if not all(map(isfinite, numbers)):
        return None
    farthest = max(spread, *(abs(number - reference) for number in numbers)) or 1.0
    scale = 0.94 * CENTRE / farthest
    low, value, high = (round(CENTRE + scale * (number - reference), 1) for number in numbers)
    return IntervalDrawing(low, value, high, round(scale * spread, 1))
