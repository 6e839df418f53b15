from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from earwitness.corpora import arabic_digits
from earwitness.errors import InputError

Tone = Callable[..., Path]


@pytest.fixture
def release(tmp_path: Path, tone: Tone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two contributors and two of the five rounds, and what is not used of the release."""
    monkeypatch.setattr(arabic_digits, "SPEAKERS", range(1, 3))
    monkeypatch.setattr(arabic_digits, "ROUNDS", range(1, 3))
    source = tmp_path / "release"
    for item in arabic_digits._items(source):
        tone(item.source, 16000)
    tone(source / "dataset" / "backward" / "00000001_NO_01.wav", 16000)
    tone(source / "dataset" / "zero" / "00000001_NO_06.wav", 16000)
    return source


def test_prepared_layout_is_loaded(release: Path, tmp_path: Path) -> None:
    arabic_digits.prepare(release, tmp_path / "arabic")
    records = arabic_digits.load(tmp_path / "arabic").records
    assert len(records) == 40
    assert list(records.columns) == arabic_digits.COLUMNS
    row = records[records.file == "02/7_02_1.flac"].iloc[0]
    assert row.original_path == "dataset/seven/00000002_NO_02.wav"
    assert [row.digit, row.speaker, row.repetition] == [7, "02", 1]
    assert [row.frames, row.original_samplerate] == [800, 16000]


def test_original_splits_are_kept_where_published(release: Path, tmp_path: Path) -> None:
    (release / "train.csv").write_text("file,class\n/zero/00000002_NO_01.wav,zero\n")
    (release / "valid.csv").write_text("file,class\n/zero/00000001_NO_01.wav,zero\n")
    arabic_digits.prepare(release, tmp_path / "arabic")
    records = arabic_digits.load(tmp_path / "arabic").records
    assert dict(zip(records.speaker, records.original_split, strict=True)) == {
        "01": "val",
        "02": "train",
    }


def test_without_split_tables_the_column_is_empty(release: Path, tmp_path: Path) -> None:
    arabic_digits.prepare(release, tmp_path / "arabic")
    assert arabic_digits.load(tmp_path / "arabic").records.original_split.isna().all()


def test_recordings_are_8_khz_16_bit_mono(release: Path, tmp_path: Path) -> None:
    arabic_digits.prepare(release, tmp_path / "arabic")
    written = soundfile.info(tmp_path / "arabic" / "01" / "0_01_0.flac")
    assert (written.samplerate, written.channels, written.subtype) == (8000, 1, "PCM_16")


def test_a_missing_keyword_is_named(release: Path, tmp_path: Path) -> None:
    (release / "dataset" / "three").rename(release / "dataset" / "trois")
    with pytest.raises(InputError, match=r"dataset/three: not there \(4 of the 40"):
        arabic_digits.prepare(release, tmp_path / "arabic")


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    corpus = arabic_digits.load(prepared("arabic_speech_commands_digits"))
    assert len(corpus.records) == 1500
    assert (corpus.records.groupby(["speaker", "digit"]).size() == 5).all()
    assert list(corpus.records.columns) == arabic_digits.COLUMNS
    assert len(corpus.waves(corpus.records.sample(100, random_state=0).index)) == 100


def test_real_names_are_ours(prepared: Callable[[str], Path]) -> None:
    root = prepared("arabic_speech_commands_digits")
    records = arabic_digits.load(root).records
    items = sorted(arabic_digits._items(Path()), key=lambda item: item.file)
    theirs = records.sort_values("file")
    assert [item.file for item in items] == theirs.file.tolist()
    assert [item.source.as_posix() for item in items] == theirs.original_path.tolist()
    assert [item.labels["digit"] for item in items] == theirs.digit.tolist()
