from math import nan
from pathlib import Path

import pandas as pd
import pytest

from earwitness.judge.bootstrap import Interval
from reproduction.report import summary
from reproduction.results.claims import Claim, claim
from reproduction.results.verdicts import Verdict, table, verdict


def published(what: str) -> dict[str, object]:
    return {
        "id": what,
        "what": what,
        "value": 0.9582,
        "spread": 0.0149,
        "source": "table 1",
        "data": "AudioMNIST",
    }


VERDICTS = [
    verdict(published("digit"), Interval(0.95123, 0.94, 0.96, 60), "AudioMNIST"),
    verdict(published("digit"), Interval(0.5, nan, nan, 1), "FSDD"),
    verdict(published("sex"), Interval(0.1, 0.05, 0.15, 60), "AudioMNIST"),
]
CLAIMS = [
    claim("a", "x beats y", Interval(0.1234, 0.1, 0.2, 60), "FSDD"),
    claim("b", "relevance lies lower (Hz)", Interval(-1234.5, -2000.0, -500.0, 60), "RAVDESS"),
]


def cells(text: str) -> list[list[str]]:
    """Rows of a markdown table, its head included."""
    rows = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_verdict_is_a_row() -> None:
    assert cells(summary.verdicts(table(VERDICTS, Verdict))) == [
        ["what", "data", "published", "ours", "verdict"],
        ["digit", "AudioMNIST", "0.958", "0.951 [0.94, 0.96]", "reproduced"],
        ["digit", "FSDD", "0.958", "0.5 [nan, nan]", "not comparable"],
        ["sex", "AudioMNIST", "0.958", "0.1 [0.05, 0.15]", "differs"],
    ]


def test_every_claim_is_a_row() -> None:
    assert cells(summary.claims(table(CLAIMS, Claim))) == [
        ["claim", "data", "statistic", "verdict"],
        ["x beats y", "FSDD", "0.123 [0.1, 0.2]", "holds"],
        ["relevance lies lower (Hz)", "RAVDESS", "-1.23e+03 [-2e+03, -500]", "fails"],
    ]


def write(results: Path, paper: str, verdicts: list[Verdict], claims: list[Claim]) -> None:
    folder = results / "open" / paper
    folder.mkdir(parents=True)
    table(verdicts, Verdict).to_csv(folder / "verdicts.csv", index=False)
    table(claims, Claim).to_csv(folder / "claims.csv", index=False)


def test_every_paper_is_printed_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(summary, "RESULTS", tmp_path)
    write(tmp_path, "first", VERDICTS, CLAIMS)
    write(tmp_path, "second", VERDICTS[:1], CLAIMS[:1])
    summary.main("open", ["first", "second"])
    printed = capsys.readouterr().out
    first, second = printed.split("second (open)")
    for part, paper, rows in ((first, "first", 5), (second, "second", 2)):
        assert len(cells(part)) == rows + 2
        assert f"{tmp_path}/open/{paper}/" in part
    assert cells(summary.verdicts(pd.DataFrame(table(VERDICTS, Verdict))))[1] in cells(first)


def test_a_paper_without_verdicts_and_claims_is_printed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(summary, "RESULTS", tmp_path)
    write(tmp_path, "first", [], [])
    summary.main("open", ["first"])
    assert "Tables, figures and sounds" in capsys.readouterr().out
