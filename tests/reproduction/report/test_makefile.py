import json
from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.report import origin
from tests.checkout import ROOT
from tests.reproduction.report.papers import PROVENANCE, TARGETS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "provenance.json").write_text(json.dumps(PROVENANCE))
    return tmp_path / "provenance.json"


def test_a_command_makes_one_file_with_the_settings_of_all(path: Path) -> None:
    """By its short name where make has one."""
    found = origin.read(path)
    settings = "PROFILE=demo ARGS='seed=3 a=b'"
    folder = "results/demo/tones"
    assert found.command("x.csv", f"{folder}/tables") == f"make tones/x.csv {settings}"
    assert found.command("claims.csv", folder) == f"make {folder}/claims.csv {settings}"
    assert found.minutes == 2
    assert found.data == "Beeps"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"data": {}}', None])
def test_what_is_not_readable_is_named(path: Path, content: str | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(InputError, match=r"provenance\.json: not readable"):
        origin.read(path)


def test_targets_are_read_over_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "tones/targets.mk"
    path.parent.mkdir()
    path.write_text(TARGETS)
    assert origin.targets(path, "tones_TABLES") == ["heard.csv", "not_made.csv"]
    assert origin.targets(path, "tones_FIGURES") == ["heard.png"]
    assert origin.targets(path, "tones_CHECKS") == []


def test_targets_are_those_of_make() -> None:
    """Of a paper of the project, against what lies in its results."""
    found = origin.targets(ROOT / "experiments/audiomnist/targets.mk", "audiomnist_FIGURES")
    there = {path.name for path in (ROOT / "results/demo/audiomnist/figures").glob("*.png")}
    assert set(found) == there
