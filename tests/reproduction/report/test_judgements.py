from pathlib import Path

import pytest

from reproduction.report import judgements
from reproduction.report.judgements import HALF, MARKS
from reproduction.results import claims as judged
from reproduction.results import verdicts
from tests.reproduction.report.papers import CLAIMS, VERDICTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = CLAIMS.splitlines()
    (tmp_path / "claims.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]))
    (tmp_path / "verdicts.csv").write_text(VERDICTS)
    return tmp_path


def test_claims_of_the_paper_come_first(folder: Path) -> None:
    """And whose a claim is, is no longer a part of its text."""
    found = judgements.claims("tones", folder / "claims.csv")
    assert [claim.is_ours for claim in found] == [False, False, True]
    assert found[1].text == 'a <beep> is heard, "always"'
    assert found[2].text == "silence is heard"
    assert found[1].value == "0.5 [0.25, 0.75]"


def test_intervals_are_drawn_on_their_side_of_zero(folder: Path) -> None:
    """In order, the farthest end near the edge."""
    fails, holds, undecided = (
        claim.drawn for claim in judgements.claims("tones", folder / "claims.csv")
    )
    assert fails[0] < fails[1] < fails[2] < HALF < holds[0] < holds[1] < holds[2] < 2 * HALF
    assert undecided[0] < HALF == undecided[1] < undecided[2]
    assert holds[1] - HALF == pytest.approx(2 / 3 * (holds[2] - HALF), abs=0.1)


def test_published_numbers_come_with_spread_and_source(folder: Path) -> None:
    first, second = judgements.verdicts("tones", folder / "verdicts.csv")
    assert (first.published, first.source) == ("0.9 ± 0.05", "table 1")
    assert first.drawn[0] < HALF < first.drawn[2]
    assert first.drawn[3] == pytest.approx((HALF - first.drawn[0]) / 2, abs=0.1)
    assert (second.published, second.value, second.drawn) == ("1234", "2000", None)


def test_verdicts_are_counted_in_one_order(folder: Path) -> None:
    found = judgements.claims("tones", folder / "claims.csv")
    assert judgements.counted(found) == [("holds", 1), ("undecided", 1), ("fails", 1)]
    assert judgements.counted([]) == []


def test_every_verdict_has_a_mark() -> None:
    """Those that the project gives, by reading what gives them."""
    given = Path(judged.__file__).read_text() + Path(verdicts.__file__).read_text()
    assert all(f'"{verdict}"' in given for verdict in MARKS)
    assert len({(mark.kind, mark.symbol) for mark in MARKS.values()}) == 4
