from pathlib import Path

from reproduction.report import paper
from reproduction.report.players import Sounds


def test_a_paper_is_what_lies_there(repository: Path, looking: None) -> None:
    """In the order of its targets; what was not made is left out."""
    found = paper.read("tones", repository / "results/demo", Sounds()).results
    assert found
    assert [table.file for table in found.tables] == ["heard.csv"]
    assert [(figure.file, figure.numbers) for figure in found.figures] == [
        ("heard.png", "heard.csv")
    ]
    assert [made.file for made in found.made] == [
        "claims.csv", "verdicts.csv", "heard.png", "heard.csv", "audio"
    ]  # fmt: skip
    assert [len(one) for one in (found.claims, found.verdicts, found.players["clip"])] == [3, 2, 2]


def test_a_paper_without_results_has_its_readme(repository: Path, looking: None) -> None:
    found = paper.read("silence", repository / "results/demo", Sounds())
    assert found.results is None
    assert found.readme.sections


def test_a_comparison_has_what_it_measured_and_no_judgements(
    repository: Path, looking: None
) -> None:
    found = paper.compared(repository / "results/demo")
    assert found
    assert found.results
    assert [table.file for table in found.results.tables] == ["heard.csv"]
    assert (found.results.claims, found.results.players) == ([], {})
    assert (
        found.results.made[0].command == "make baselines/heard.csv PROFILE=demo ARGS='seed=3 a=b'"
    )


def test_what_was_not_compared_is_not_told(repository: Path, looking: None) -> None:
    assert paper.compared(repository / "results/open") is None
