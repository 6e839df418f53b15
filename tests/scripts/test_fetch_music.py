import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import fetch_music


def test_every_folder_that_is_named_is_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be had is told line by line, and by the exit status."""
    asked: list[tuple[str, Path]] = []
    failures = {"cc_music": ["a.ogg: not fetched"]}

    def rebuild(folder: str, data_dir: Path) -> list[str]:
        asked.append((folder, data_dir))
        return failures.get(folder, [])

    monkeypatch.setattr(fetch_music, "rebuild", rebuild)
    place = ["--data-dir", str(tmp_path)]
    assert fetch_music.main(["open_music", *place]) == 0
    assert fetch_music.main(["open_music", "cc_music", *place]) == 1
    assert asked == [(name, tmp_path) for name in ("open_music", "open_music", "cc_music")]
    assert capsys.readouterr().err == "a.ogg: not fetched\n"


def test_other_folders_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    with pytest.raises(SystemExit, match="2"):
        fetch_music.main(["nothing", "--data-dir", "data"])
    assert "open_stems" in capsys.readouterr().err
