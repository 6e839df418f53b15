import sys
from pathlib import Path

import pytest

from earwitness.errors import InputError
from tests.checkout import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import fetch_weights


def test_weights_are_fetched_to_where_they_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be had is told in one line, and by the exit status."""
    asked: list[Path] = []
    monkeypatch.setitem(fetch_weights.FETCHED, "open_unmix", asked.append)
    assert fetch_weights.main(["open_unmix", "--data-dir", str(tmp_path)]) == 0
    assert asked == [tmp_path / "open_unmix"]

    def failing(_: Path) -> None:
        raise InputError("vocals.pth: not fetched")

    monkeypatch.setitem(fetch_weights.FETCHED, "open_unmix", failing)
    assert fetch_weights.main(["open_unmix", "--data-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "vocals.pth: not fetched\n"


def test_other_weights_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    with pytest.raises(SystemExit, match="2"):
        fetch_weights.main(["nothing", "--data-dir", "data"])
    assert "open_unmix" in capsys.readouterr().err
