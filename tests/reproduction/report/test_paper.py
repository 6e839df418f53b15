from pathlib import Path

from reproduction.report import paper
from reproduction.report.players import SoundIds


def test_a_paper_has_its_results(repository: Path, report_paths: None) -> None:
    """They are in the order of the make targets; files that were not made are left out."""
    read = paper.read("tones", repository / "results/demo", SoundIds()).results
    assert read
    assert [table.file for table in read.tables] == ["heard.csv"]
    assert [(figure.file, figure.table_file) for figure in read.figures] == [
        ("heard.png", "heard.csv")
    ]
    assert [command.file for command in read.commands] == [
        "claims.csv", "verdicts.csv", "heard.png", "heard.csv", "audio"
    ]  # fmt: skip
    assert [len(one) for one in (read.claims, read.verdicts, read.players["clip"])] == [3, 2, 2]


def test_a_paper_without_results_has_its_readme(repository: Path, report_paths: None) -> None:
    read = paper.read("silence", repository / "results/demo", SoundIds())
    assert read.results is None
    assert read.readme.sections


def test_a_comparison_has_figures_and_tables_alone(repository: Path, report_paths: None) -> None:
    read = paper.read_comparison(repository / "results/demo")
    assert read
    assert read.results
    assert [table.file for table in read.results.tables] == ["heard.csv"]
    assert (read.results.claims, read.results.players) == ([], {})
    assert (
        read.results.commands[0].command
        == "make baselines/heard.csv PROFILE=demo ARGS='seed=3 a=b'"
    )


def test_without_comparison_there_is_none(repository: Path, report_paths: None) -> None:
    assert paper.read_comparison(repository / "results/open") is None
