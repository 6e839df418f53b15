from pathlib import Path

import pytest

from reproduction.report import judgements
from reproduction.report.judgements import CENTRE, STYLES
from reproduction.results import claims, verdicts
from tests.reproduction.report.papers import CLAIMS, VERDICTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = CLAIMS.splitlines()
    (tmp_path / "claims.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]))
    (tmp_path / "verdicts.csv").write_text(VERDICTS)
    return tmp_path


def test_claims_of_the_paper_come_first(folder: Path) -> None:
    """The prefixes that say whose a claim is are removed from the texts."""
    read = judgements.read_claims("tones", folder / "claims.csv")
    assert [claim.is_additional for claim in read] == [False, False, True]
    assert read[1].text == 'a <beep> is heard, "always"'
    assert read[2].text == "silence is heard"
    assert read[1].value == "0.5 [0.25, 0.75]"


def test_intervals_are_drawn_on_their_side_of_zero(folder: Path) -> None:
    """Ends and value are in order, and the farthest end is near the edge."""
    fails, holds, undecided = (
        claim.interval for claim in judgements.read_claims("tones", folder / "claims.csv")
    )
    assert fails.low < fails.value < fails.high < CENTRE
    assert CENTRE < holds.low < holds.value < holds.high < 2 * CENTRE
    assert undecided.low < CENTRE == undecided.value < undecided.high
    assert holds.value - CENTRE == pytest.approx(2 / 3 * (holds.high - CENTRE), abs=0.1)


def test_published_numbers_come_with_spread_and_source(folder: Path) -> None:
    first, second = judgements.read_verdicts("tones", folder / "verdicts.csv")
    assert (first.published, first.source) == ("0.9 ± 0.05", "table 1")
    assert first.interval.low < CENTRE < first.interval.high
    assert first.interval.spread == pytest.approx((CENTRE - first.interval.low) / 2, abs=0.1)
    assert (second.published, second.value, second.interval) == ("1234", "2000", None)


def test_verdicts_are_counted_in_one_order(folder: Path) -> None:
    read = judgements.read_claims("tones", folder / "claims.csv")
    assert judgements.count_verdicts(read) == [("holds", 1), ("undecided", 1), ("fails", 1)]
    assert judgements.count_verdicts([]) == []


def test_every_verdict_has_a_style() -> None:
    """The styles are those of the verdicts in the code that gives them."""
    given = Path(claims.__file__).read_text() + Path(verdicts.__file__).read_text()
    assert all(f'"{verdict}"' in given for verdict in STYLES)
    assert len({(style.css_class, style.symbol) for style in STYLES.values()}) == 4
