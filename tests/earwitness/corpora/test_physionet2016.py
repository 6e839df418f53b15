from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from earwitness.corpora import physionet2016
from earwitness.corpora.corpus import Corpus
from earwitness.errors import InputError
from earwitness.sound import audio
from tests.earwitness.corpora.conftest import write_list

LABELS = {"a0001": 1, "a0002": -1, "b0001": -1, "c0001": 1, "d0001": -1, "e00001": -1, "f0001": 1}
FRAMES = {"a0001": 4001, "a0002": 4000}
"""Of the recordings that are not of 1000 samples."""


def write_recording(folder: Path, record: str, samples: np.ndarray, rate: int = 2000) -> None:
    """Sound and header of a record."""
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{record}.wav", samples, rate, subtype="PCM_16")
    word = "Abnormal" if LABELS[record] == 1 else "Normal"
    (folder / f"{record}.hea").write_text(f"{record} 1 {rate} {len(samples)}\n# {word}\n")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Seven recordings in six databases, one of them with its ECG, laid out as published."""
    source = tmp_path / "release" / "challenge-2016-1.0.0"
    for record, label in LABELS.items():
        folder = source / f"training-{record[0]}"
        noise = np.random.default_rng(label + 1).normal(0, 0.1, FRAMES.get(record, 1000))
        write_recording(folder, record, noise)
        with (folder / "REFERENCE.csv").open("a") as reference:
            reference.write(f"{record},{label}\n")
    (source / "training-a" / "a0001.dat").write_bytes(b"ECG")
    write_list(source)
    return source.parent


@pytest.fixture
def corpus(release: Path, tmp_path: Path) -> Corpus:
    """The small release, prepared."""
    physionet2016.prepare(release, tmp_path / "physionet2016")
    return physionet2016.load(tmp_path / "physionet2016")


def test_prepared_layout_is_loaded(corpus: Corpus) -> None:
    """Labels, databases and lengths come through; an odd length is rounded up."""
    records = corpus.records.set_index("speaker")
    assert records.index.tolist() == list(LABELS)
    assert records.database.tolist() == list("aabcdef")
    assert (records.diagnosis == "abnormal").tolist() == [value == 1 for value in LABELS.values()]
    assert [len(wave) for wave in corpus.waves(corpus.records.index)][:3] == [2001, 2000, 500]


def test_states_are_not_told(corpus: Corpus) -> None:
    """Nobody has annotated them."""
    with pytest.raises(InputError, match="states are not annotated"):
        corpus.states(corpus.records.index)


def test_a_recording_that_was_cut_is_named(corpus: Corpus) -> None:
    """The records say how long it must be."""
    path = corpus.root / "training-a" / "a0002.flac"
    samples, rate = soundfile.read(path)
    soundfile.write(path, samples[:-1], rate)
    with pytest.raises(InputError, match=r"a0002\.flac: truncated: 1999 of 2000"):
        corpus.waves(corpus.records.index)


def test_a_column_that_lacks_is_told(corpus: Corpus) -> None:
    """In one line."""
    path = corpus.root / "records.csv"
    path.write_text(path.read_text().replace("label", "class"))
    with pytest.raises(InputError, match="lacks a column"):
        physionet2016.load(corpus.root)


def test_records_say_what_was_published(corpus: Corpus, release: Path) -> None:
    """Length, rate, ECG and checksum of each recording at the source."""
    table = pd.read_csv(corpus.root / "records.csv", index_col="record")
    assert table.frames.tolist()[:3] == [4001, 4000, 1000]
    assert table.duration_s["a0001"] == 2.0005
    assert table.has_ecg_in_source.tolist() == [True] + 6 * [False]
    assert table.header_comment.tolist()[:2] == ["Abnormal", "Normal"]
    wav = next(release.rglob("a0001.wav"))
    assert table.sha256_of_source_wav["a0001"] == sha256(wav.read_bytes()).hexdigest()


def test_the_layout_is_complete(corpus: Corpus) -> None:
    """Every file but the list itself is in the list, and is what it says."""
    lines = (corpus.root / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    files = {str(path.relative_to(corpus.root)) for path in corpus.root.rglob("*.*")}
    assert set(listed) == files
    assert all(
        sha256((corpus.root / name).read_bytes()).hexdigest() == digest
        for name, digest in listed.items()
    )


def test_a_changed_recording_is_named(release: Path, tmp_path: Path) -> None:
    """And nothing is prepared."""
    wav = next(release.rglob("e00001.wav"))
    wav.write_bytes(wav.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InputError, match=r"e00001\.wav: its checksum is not the published one"):
        physionet2016.prepare(release, tmp_path / "physionet2016")
    assert not (tmp_path / "physionet2016").exists()


def test_changed_labels_are_named(release: Path, tmp_path: Path) -> None:
    """A label is as easily changed as a sound."""
    next(release.rglob("training-f/REFERENCE.csv")).write_text("f0001,-1\n")
    with pytest.raises(InputError, match=r"training-f/REFERENCE\.csv: its checksum"):
        physionet2016.prepare(release, tmp_path / "physionet2016")


@pytest.mark.parametrize("gone", ["training-c/c0001.wav", "training-d/REFERENCE.csv"])
def test_a_missing_file_is_named(release: Path, tmp_path: Path, gone: str) -> None:
    """Whether sound or labels."""
    next(release.rglob(gone)).unlink()
    with pytest.raises(InputError, match=f"{gone}: not there"):
        physionet2016.prepare(release, tmp_path / "physionet2016")


def test_an_interrupted_preparation_goes_on(release: Path, tmp_path: Path) -> None:
    """What is converted already is kept."""
    root = tmp_path / "physionet2016"
    physionet2016.prepare(release, root)
    (root / "records.csv").unlink()
    before = (root / "training-a" / "a0001.flac").stat().st_mtime_ns
    physionet2016.prepare(release, root)
    assert (root / "training-a" / "a0001.flac").stat().st_mtime_ns == before
    assert (root / "records.csv").is_file()


def odd(samples: np.ndarray, release: Path, root: Path) -> Corpus:
    """The corpus with `samples` for its record f0001."""
    source = release / "challenge-2016-1.0.0"
    write_recording(source / "training-f", "f0001", samples)
    write_list(source)
    physionet2016.prepare(release, root)
    return physionet2016.load(root)


@pytest.mark.parametrize("seconds", [0.5, 120.0])
def test_short_and_long_recordings_are_read(release: Path, tmp_path: Path, seconds: float) -> None:
    """As long as they are."""
    noise = np.random.default_rng(0).normal(0, 0.1, round(seconds * 2000))
    corpus = odd(noise, release, tmp_path / "physionet2016")
    assert len(corpus.waves(corpus.records.index[-1:])[0]) == seconds * 1000


def test_a_clipped_recording_is_read(release: Path, tmp_path: Path) -> None:
    """It is what the stethoscope gave; a wave that overshoots when resampled is scaled."""
    square = np.sign(np.sin(np.arange(4000) / 20))
    corpus = odd(square, release, tmp_path / "physionet2016")
    wave = corpus.waves(corpus.records.index[-1:])[0]
    assert 0.99 < wave.abs().max() <= 1


@pytest.mark.parametrize(
    ("samples", "message"),
    [(np.zeros(1000), "is silent"), (np.zeros(0), "holds no samples")],
)
def test_an_odd_recording_is_named(
    release: Path, tmp_path: Path, samples: np.ndarray, message: str
) -> None:
    """Nothing could be learnt from it."""
    with pytest.raises(InputError, match=rf"f0001\.wav: {message}"):
        odd(samples, release, tmp_path / "physionet2016")


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    """Counts, and lengths of a sample of the recordings, are those of the README."""
    corpus = physionet2016.load(prepared("physionet2016"))
    counts = corpus.records.database.value_counts().to_dict()
    assert counts == {"a": 409, "b": 490, "c": 31, "d": 55, "e": 2141, "f": 114}
    assert (corpus.records.diagnosis == "abnormal").sum() == 665
    table = pd.read_csv(corpus.root / "records.csv")
    assert table.columns.tolist() == physionet2016.COLUMNS
    sample = corpus.records.sample(100, random_state=0)
    waves = corpus.waves(sample.index)
    assert [len(wave) for wave in waves] == sample.frames.tolist()
    assert all(
        wave.dtype == audio.read(corpus.root / sample.file.iloc[0], 1000).dtype for wave in waves
    )
