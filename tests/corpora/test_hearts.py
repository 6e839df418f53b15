"""The corpora of real hearts, read from small prepared folders."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.corpora import circor, physionet2016
from earwitness.errors import InputError

PHYSIONET = """\
record,database,label,samplerate,frames,duration_s,has_ecg_in_source
a0001,a,1,2000,1001,0.5005,True
b0002,b,-1,2000,4000,2.0,False
"""
CIRCOR = """\
record,patient_id,location,age,sex,murmur,outcome,campaign,additional_id,frames
7_TV,7,TV,Child,Female,Absent,Normal,CC2015,,1000
9_MV,9,MV,Child,Male,Present,Abnormal,CC2014,12.0,1000
12_AV,12,AV,Child,Male,Present,Abnormal,CC2015,9.0,1000
"""
SEGMENTS = "record,start_s,end_s,state\n7_TV,0.0,0.1,1\n7_TV,0.1,0.25,2\n9_MV,0.5,1.0,4\n"


def write_noise(path: Path, samples: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.random.default_rng(samples).standard_normal(samples), 1000)


@pytest.fixture
def physionet(tmp_path: Path) -> Path:
    (tmp_path / "records.csv").write_text(PHYSIONET)
    write_noise(tmp_path / "training-a/a0001.flac", 501)
    write_noise(tmp_path / "training-b/b0002.flac", 2000)
    return tmp_path


@pytest.fixture
def children(tmp_path: Path) -> Path:
    (tmp_path / "records.csv").write_text(CIRCOR)
    (tmp_path / "segments.csv").write_text(SEGMENTS)
    for record in ("7_TV", "9_MV", "12_AV"):
        write_noise(tmp_path / f"audio/{record}.flac", 1000)
    return tmp_path


def test_records_of_physionet(physionet: Path) -> None:
    """Diagnosis and database; as many samples as half of those published, rounded up."""
    corpus = physionet2016.load(physionet)
    assert corpus.records.diagnosis.tolist() == ["abnormal", "normal"]
    assert corpus.records.database.tolist() == ["a", "b"]
    assert [len(wave) for wave in corpus.waves(corpus.records.index)] == [501, 2000]
    with pytest.raises(InputError, match="states are not annotated"):
        corpus.states(corpus.records.index)


def test_a_recording_that_was_cut_is_named(physionet: Path) -> None:
    """The records say how long it must be."""
    write_noise(physionet / "training-b/b0002.flac", 1999)
    corpus = physionet2016.load(physionet)
    with pytest.raises(InputError, match=r"b0002\.flac: truncated: 1999 of 2000"):
        corpus.waves(corpus.records.index)


def test_a_column_that_lacks_is_told(physionet: Path) -> None:
    """In one line."""
    (physionet / "records.csv").write_text(PHYSIONET.replace("label", "class"))
    with pytest.raises(InputError, match="lacks a column"):
        physionet2016.load(physionet)


def test_records_and_states_of_circor(children: Path) -> None:
    """A subject of both campaigns is one speaker; what is not annotated is 0."""
    corpus = circor.load(children)
    assert corpus.records.speaker.tolist() == ["7", "9", "9"]
    assert corpus.records.diagnosis.tolist() == ["normal", "abnormal", "abnormal"]
    first, second, third = corpus.states(corpus.records.index)
    assert first.bincount().tolist() == [750, 100, 150]
    assert second.bincount().tolist() == [500, 0, 0, 0, 500]
    assert not third.any()


def test_content_hash_follows_the_segments(children: Path) -> None:
    """They are what is learnt."""
    before = circor.load(children).content_hash()
    (children / "segments.csv").write_text(SEGMENTS.replace("0.25", "0.26"))
    assert circor.load(children).content_hash() != before


def test_segments_that_lack_are_told(children: Path) -> None:
    (children / "segments.csv").unlink()
    with pytest.raises(InputError, match=r"segments\.csv: not there"):
        circor.load(children)
