"""Stages by their names: modules, packages, and what they are given."""

import sys
from pathlib import Path

import pytest

from earwitness import stage


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


def test_a_stage_that_is_not_there_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"experiments\.heart\.tabels"):
        stage.named("experiments.heart.tabels")
