import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.corpora import arabic_digits, fsdd, releases
from tests.checkout import ROOT

SCRIPT = ROOT / "scripts" / "prepare_corpora.py"
Main = Callable[[list[str]], int]


@pytest.fixture(scope="module")
def main() -> Main:
    return runpy.run_path(str(SCRIPT))["main"]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten recordings of one FSDD speaker; nothing can be downloaded."""
    monkeypatch.setattr(fsdd, "SPEAKERS", ("theo",))
    monkeypatch.setattr(fsdd, "TAKES", 1)
    monkeypatch.setattr(releases, "RETRIES", 0)
    gone = releases.Release("", "http://127.0.0.1:9/a.tar.gz", "a.tar.gz", "", "", "", commit="0")
    monkeypatch.setattr(arabic_digits, "RELEASE", gone)
    folder = tmp_path / "release" / "recordings"
    folder.mkdir(parents=True)
    for digit in range(10):
        soundfile.write(folder / f"{digit}_theo_0.wav", np.linspace(-0.1, 0.1, 100), 8000)
    return folder.parent


def test_a_release_that_is_there_is_prepared(
    main: Main, release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["--data-dir", str(data), "--from", str(release), "fsdd"]) == 0
    assert len(fsdd.load(data / "fsdd").records) == 10
    header, row = capsys.readouterr().out.strip().splitlines()
    assert header.split() == ["corpus", "download", "licence", "folder", "state"]
    assert "16 MB CC BY-SA 4.0" in row
    assert row.endswith("to prepare")


def test_one_that_fails_stops_no_other(
    main: Main, release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fsdd.prepare(release, tmp_path / "fsdd")
    names = ["arabic_digits", "fsdd"]
    assert main(["--data-dir", str(tmp_path), *names]) == 1
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if not line.startswith("Downloading")]
    assert lines[-2].startswith("arabic_digits: a.tar.gz: the server cannot be reached")
    assert lines[-1] == "not prepared: arabic_digits"
    assert "prepared" in printed.out


def test_what_is_prepared_is_skipped(main: Main, release: Path, tmp_path: Path) -> None:
    fsdd.prepare(release, tmp_path / "fsdd")
    before = (tmp_path / "fsdd" / "records.csv").stat().st_mtime_ns
    assert main(["--data-dir", str(tmp_path), "fsdd"]) == 0
    assert (tmp_path / "fsdd" / "records.csv").stat().st_mtime_ns == before


def test_without_a_corpus_all_are_listed(
    main: Main, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data-dir", str(tmp_path)]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == list(releases.CORPORA)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tidigits"], "tidigits: no such corpus; choose among"),
        (["--from", "/nowhere", "fsdd"], "/nowhere: no such folder"),
        (["--from", "/", "fsdd", "ravdess"], "name the one corpus"),
        (["--from", "/"], "name the one corpus"),
    ],
)
def test_a_wrong_call_is_one_line(
    main: Main,
    tmp_path: Path,
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--data-dir", str(tmp_path), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_it_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--data-dir", str(tmp_path), "tidigits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tidigits: no such corpus")
