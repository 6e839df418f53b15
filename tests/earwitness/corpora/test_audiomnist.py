from collections.abc import Callable
from pathlib import Path

import pytest

from earwitness.corpora import audiomnist
from earwitness.errors import InputError

Tone = Callable[..., Path]
META = '{{\n  "12": {{\n    "age": "1234",\n    "gender": "{sex}",\n    "origin": "x"\n  }}\n}}\n'


@pytest.fixture
def release(tmp_path: Path, tone: Tone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A man and a woman, one take of each digit, laid out as published."""
    monkeypatch.setattr(audiomnist, "SPEAKERS", ("01", "12"))
    monkeypatch.setattr(audiomnist, "TAKES", 1)
    for item in audiomnist._items(tmp_path / "release"):
        tone(item.source, 48000)
    return tmp_path / "release"


def test_names_are_the_published_ones() -> None:
    names = [item.source.as_posix() for item in audiomnist._items(Path("release"))]
    assert len(set(names)) == 30000
    assert (names[0], names[-1]) == ("release/data/01/0_01_0.wav", "release/data/60/9_60_49.wav")


def test_twelve_of_sixty_are_women() -> None:
    sexes = [audiomnist.sex_of(speaker) for speaker in audiomnist.SPEAKERS]
    assert (sexes.count("female"), sexes.count("male")) == (12, 48)


def test_prepared_layout_is_loaded(release: Path, tmp_path: Path) -> None:
    audiomnist.prepare(release, tmp_path / "audiomnist")
    corpus = audiomnist.load(tmp_path / "audiomnist")
    assert corpus.records.columns.tolist() == audiomnist.COLUMNS
    assert corpus.records.groupby("speaker").sex.first().to_dict() == {"01": "male", "12": "female"}
    assert (corpus.records.frames == 800).all()
    assert len(corpus.waves(corpus.records.index)) == 20


def test_meta_that_agrees_is_accepted(release: Path, tmp_path: Path) -> None:
    (release / "data" / "audioMNIST_meta.txt").write_text(META.format(sex="female"))
    audiomnist.prepare(release, tmp_path / "audiomnist")
    records = audiomnist.load(tmp_path / "audiomnist").records
    assert records[records.speaker == "12"].sex.tolist() == ["female"] * 10


def test_meta_that_contradicts_is_refused(release: Path, tmp_path: Path) -> None:
    (release / "data" / "audioMNIST_meta.txt").write_text(META.format(sex="male"))
    with pytest.raises(InputError, match=r"meta\.txt: speaker 12 is male there but female"):
        audiomnist.prepare(release, tmp_path / "audiomnist")


def test_a_missing_speaker_is_named(release: Path, tmp_path: Path) -> None:
    (release / "data" / "12").rename(release / "data" / "62")
    with pytest.raises(InputError, match=r"data/12: not there \(10 of the 20"):
        audiomnist.prepare(release, tmp_path / "audiomnist")


def test_an_unreadable_recording_is_named(release: Path, tmp_path: Path) -> None:
    (release / "data" / "12" / "3_12_0.wav").write_text("version https://git-lfs")
    with pytest.raises(InputError, match=r"3_12_0\.wav: cannot be decoded .*; fetch"):
        audiomnist.prepare(release, tmp_path / "audiomnist")


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    corpus = audiomnist.load(prepared("audiomnist"))
    assert len(corpus.records) == 30000
    assert (corpus.records.groupby(["speaker", "digit"]).size() == 50).all()
    assert len(corpus.waves(corpus.records.sample(100, random_state=0).index)) == 100
