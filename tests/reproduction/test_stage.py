"""Stages by their names: modules, packages, and what they are given."""

import sys
from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction import stage


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module and a package that are stages; each writes down what it was given."""
    text = f"def main(cfg):\n    open({str(tmp_path / 'told.txt')!r}, 'w').write(str(cfg.seed))\n"
    (tmp_path / "lonely_stage.py").write_text(text)
    (tmp_path / "roomy_stage").mkdir()
    (tmp_path / "roomy_stage/__init__.py").write_text("")
    (tmp_path / "roomy_stage/__main__.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "told.txt"


@pytest.mark.parametrize("name", ["lonely_stage", "roomy_stage"])
def test_a_stage_is_given_the_rest_of_the_line(
    name: str, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["stage", name, "paper=heart", "profile=tiny", "seed=7"])
    stage.main()
    assert written.read_text() == "7"


@pytest.mark.parametrize(
    "name", ["experiments.heart.tabels", "experimnts.heart", "experiments.heart", "json", ""]
)
def test_what_is_no_stage_is_named(name: str) -> None:
    """Where there is no such module, and where there is one without `main`."""
    with pytest.raises(InputError, match=f"stage '{name}'"):
        stage.load_stage(name)


def test_a_command_line_without_a_stage_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit, match="2"):
        stage.main()
    assert capsys.readouterr().err.count("\n") == 1


def test_what_a_stage_lacks_is_no_stage_that_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that fails inside of a stage is a defect, and keeps its traceback."""
    (tmp_path / "broken_stage.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        stage.load_stage("broken_stage")
