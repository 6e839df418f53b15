from pathlib import Path

from reproduction.report import makefile
from tests.checkout import ROOT
from tests.reproduction.report.papers import TARGETS


def test_a_variable_is_read_over_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "tones/targets.mk"
    path.parent.mkdir()
    path.write_text(TARGETS)
    assert makefile.variable(path, "tones_TABLES") == ["heard.csv", "not_made.csv"]
    assert makefile.variable(path, "tones_FIGURES") == ["heard.png"]
    assert makefile.variable(path, "tones_CHECKS") == []


def test_figures_of_a_paper_are_read() -> None:
    """They are those in the results of the repository."""
    listed = makefile.variable(ROOT / "experiments/audiomnist/targets.mk", "audiomnist_FIGURES")
    files = {path.name for path in (ROOT / "results/demo/audiomnist/figures").glob("*.png")}
    assert set(listed) == files
