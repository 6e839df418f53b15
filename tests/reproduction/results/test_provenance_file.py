import json
from pathlib import Path

import pytest

from earwitness.errors import InputError
from reproduction.results import provenance_file
from tests.reproduction.report.papers import PROVENANCE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "provenance.json").write_text(json.dumps(PROVENANCE))
    return tmp_path


def test_a_command_makes_one_file_with_the_settings_of_all(folder: Path) -> None:
    """Tables and figures have short names in make."""
    read = provenance_file.read(folder)
    settings = "PROFILE=demo ARGS='seed=3 a=b'"
    results = Path("results/demo/tones")
    assert read.command_for(results / "tables/x.csv") == f"make tones/x.csv {settings}"
    assert read.command_for(results / "claims.csv") == f"make {results}/claims.csv {settings}"
    assert read.minutes == 2
    assert read.corpora == "Beeps"


def test_results_exist_once_their_provenance_is_written(folder: Path) -> None:
    assert provenance_file.exists(folder)
    assert not provenance_file.exists(folder / "tables")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"data": {}}', None])
def test_a_missing_or_damaged_file_is_named(folder: Path, content: str | None) -> None:
    path = folder / "provenance.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(InputError, match=r"provenance\.json: missing or damaged"):
        provenance_file.read(folder)
