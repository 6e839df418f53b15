from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from earwitness.corpora.corpus import Corpus, read_corpus, read_records
from earwitness.corpora.labels import DIGITS, SEXES
from earwitness.errors import InputError
from earwitness.sound import audio


def write_records(root: Path, **columns: list[Any]) -> None:
    pd.DataFrame(columns).to_csv(root / "records.csv", index=False)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    for number in (1, 2):
        audio.write(tmp_path / f"{number}.flac", torch.linspace(0, 0.1, number * 100))
    write_records(
        tmp_path, file=["1.flac", "2.flac"], speaker=["01", "02"], frames=[100, 200], digit=[0, 9]
    )
    return read_corpus(tmp_path, "two", "CC0", {"digit": DIGITS})


def test_speakers_stay_text(corpus: Corpus) -> None:
    assert list(corpus.records.speaker) == ["01", "02"]


def test_waves_are_read_in_the_order_asked(corpus: Corpus) -> None:
    waves = corpus.waves(pd.Index([1, 0]))
    assert [len(wave) for wave in waves] == [200, 100]
    assert waves[0].dtype == torch.float32


def test_a_wave_shorter_than_its_record_is_refused(corpus: Corpus) -> None:
    corpus.records.loc[0, "frames"] = 101
    with pytest.raises(InputError, match=r"1\.flac: truncated: 100 of 101 samples"):
        corpus.waves(pd.Index([0]))


def test_content_hash_follows_content(corpus: Corpus) -> None:
    before = corpus.content_hash()
    assert corpus.content_hash() == before
    audio.write(corpus.root / "1.flac", torch.linspace(0, 0.11, 100))
    assert corpus.content_hash() != before


def test_columns_are_renamed(tmp_path: Path) -> None:
    write_records(tmp_path, file=["a"], actor=["Actor_01"], n_samples=[3])
    names = {"actor": "speaker", "n_samples": "frames"}
    records = read_records(
        tmp_path, "a corpus", to_records=lambda table: table.rename(columns=names)
    )
    assert records.loc[0, ["speaker", "frames"]].tolist() == ["Actor_01", 3]


def test_a_missing_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"records\.csv: Digits is not there; give DATA_DIR="):
        read_records(tmp_path / "digits", "Digits")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_records(tmp_path, file=["a"], speaker=["x"])
    with pytest.raises(InputError, match=r"lacks the columns \['frames'\]"):
        read_records(tmp_path, "Digits")


def test_no_recording_is_refused(tmp_path: Path) -> None:
    write_records(tmp_path, file=[], speaker=[], frames=[])
    with pytest.raises(InputError, match="lists no recording"):
        read_records(tmp_path, "Digits")


@pytest.mark.parametrize(("label", "value"), [("digit", 10), ("digit", -1), ("sex", "woman")])
def test_an_unknown_label_names_its_recording(tmp_path: Path, label: str, value: object) -> None:
    labels = {label: [{"digit": 3, "sex": "male"}[label], value]}
    write_records(tmp_path, file=["good", "bad"], speaker=["x", "y"], frames=[1, 1], **labels)
    classes = {label: {"digit": DIGITS, "sex": SEXES}[label]}
    with pytest.raises(InputError, match=f"bad: {label} .*{value}.* is not one of"):
        read_records(tmp_path, "Digits", classes)


def test_rows_follow_the_files_named_not_the_records(corpus: Corpus) -> None:
    files = corpus.records.file[::-1]
    assert corpus.records.loc[corpus.rows(files), "file"].tolist() == files.tolist()


def test_a_label_without_classes_is_refused(corpus: Corpus) -> None:
    assert corpus.class_names("digit") == DIGITS
    with pytest.raises(InputError, match="two: label age has no classes; choose among digit"):
        corpus.class_names("age")


def test_a_missing_label_is_named(tmp_path: Path) -> None:
    write_records(tmp_path, file=["a"], speaker=["x"], frames=[1])
    with pytest.raises(InputError, match=r"lacks the columns \['digit'\]"):
        read_records(tmp_path, "Digits", {"digit": DIGITS})
