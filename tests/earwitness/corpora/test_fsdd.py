from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import soundfile

from earwitness.corpora import fsdd
from earwitness.errors import InputError

Tone = Callable[..., Path]


@pytest.fixture
def release(tmp_path: Path, tone: Tone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two speakers and two takes of each digit, laid out as published."""
    monkeypatch.setattr(fsdd, "SPEAKERS", ("george", "theo"))
    monkeypatch.setattr(fsdd, "TAKES", 2)
    for item in fsdd._items(tmp_path / "release"):
        tone(item.source, 8000)
    return tmp_path / "release"


def test_names_are_the_published_ones(release: Path) -> None:
    names = {path.name for path in (release / "recordings").iterdir()}
    assert len(names) == 40
    assert {"0_george_0.wav", "9_theo_1.wav"} <= names


def test_prepared_layout_is_loaded(release: Path, tmp_path: Path) -> None:
    fsdd.prepare(release, tmp_path / "fsdd")
    corpus = fsdd.load(tmp_path / "fsdd")
    assert len(corpus.records) == 40
    assert corpus.records.columns.tolist() == ["file", "digit", "speaker", "index", "frames"]
    assert corpus.records.iloc[0].tolist() == ["george/0_george_0.flac", 0, "george", 0, 800]
    assert len(corpus.waves(corpus.records.index)) == 40


def test_every_file_has_its_checksum(release: Path, tmp_path: Path) -> None:
    root = tmp_path / "fsdd"
    fsdd.prepare(release, root)
    listed = {line.split("  ")[1] for line in (root / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}
    assert "CC BY-SA 4.0" in (root / "README.txt").read_text()


def test_an_interrupted_run_goes_on(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, broken = tmp_path / "fsdd", release / "recordings" / "5_george_0.wav"
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"5_george_0\.wav: truncated"):
        fsdd.prepare(release, root)
    assert not (root / "records.csv").exists()
    half = {path: path.stat().st_mtime_ns for path in root.rglob("*.flac")}
    assert 0 < len(half) < 40
    broken.write_bytes(whole)
    fsdd.prepare(release, root)
    assert {path: path.stat().st_mtime_ns for path in half} == half
    assert len(fsdd.load(root).records) == 40


def test_a_missing_speaker_is_told_before_any_work(release: Path, tmp_path: Path) -> None:
    for path in release.rglob("*_theo_*"):
        path.unlink()
    with pytest.raises(InputError, match=r"0_theo_0\.wav: not there \(20 of the 40 recordings"):
        fsdd.prepare(release, tmp_path / "fsdd")
    assert not (tmp_path / "fsdd").exists()


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"recordings: not there \(3000 of the 3000"):
        fsdd.prepare(tmp_path, tmp_path / "fsdd")


def test_real_recordings_are_prepared_to_the_same(
    prepared: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = prepared("fsdd")
    monkeypatch.setattr(fsdd, "SPEAKERS", ("george", "yweweler"))
    monkeypatch.setattr(fsdd, "TAKES", 3)
    for item in fsdd._items(tmp_path):
        samples, rate = soundfile.read(reference / item.file, dtype="int16")
        item.source.parent.mkdir(exist_ok=True)
        soundfile.write(item.source, samples, rate)
    fsdd.prepare(tmp_path, tmp_path / "fsdd")
    ours = pd.read_csv(tmp_path / "fsdd" / "records.csv")
    theirs = pd.read_csv(reference / "records.csv")
    theirs = theirs[theirs.file.isin(ours.file)].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, theirs)
    for file in ours.file:
        made, _ = soundfile.read(tmp_path / "fsdd" / file, dtype="int16")
        given, _ = soundfile.read(reference / file, dtype="int16")
        assert (made == given).all()


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    corpus = fsdd.load(prepared("fsdd"))
    assert len(corpus.records) == 3000
    assert (corpus.records.groupby(["speaker", "digit"]).size() == 50).all()
    assert set(corpus.records.speaker) == set(fsdd.SPEAKERS)
    assert len(corpus.waves(corpus.records.sample(100, random_state=0).index)) == 100
