from pathlib import Path

from earwitness.report import paper
from earwitness.report.players import Sounds


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
