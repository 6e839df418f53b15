from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from earwitness.corpora import circor
from earwitness.corpora.corpus import Corpus, track
from earwitness.errors import InputError
from tests.earwitness.corpora.conftest import write_list

SUBJECTS = """\
Patient ID,Recording locations:,Age,Sex,Murmur,Outcome,Campaign,Additional ID
9,AV+PV,Child,Female,Absent,Normal,CC2014,nan
85,MV+TV,Infant,Male,Present,Abnormal,CC2014,120
120,AV,Child,Male,Unknown,Abnormal,CC2015,85
"""
TRACKS = {
    "9_AV": [(0.0, 0.5, 0), (0.5, 0.6, 1), (0.6, 0.8, 2), (0.8, 0.9, 3), (0.9, 2.0, 0)],
    "9_PV": [(0.0, 0.25, 0), (0.25, 0.5, 1), (0.5, 1.0, 0), (1.0, 1.5, 4), (1.5, 2.0, 0)],
    "85_MV": [(0.0, 0.5, 1), (0.5, 1.0, 2)],
    "85_TV": [(0.5, 1.0, 3), (1.0, 1.5, 4)],
    "120_AV_1": [(0.0, 0.1, 0), (0.1, 31.0, 4)],
}
"""States of each recording: from, to (in s) and number."""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Five recordings of three subjects, two of whom are the same person, laid out as published.

    Each recording is a tone that begins with its first state and ends with its last.
    """
    source = tmp_path / "release" / "circor-1.0.3"
    (source / "training_data").mkdir(parents=True)
    (source / "training_data.csv").write_text(SUBJECTS)
    (source / "LICENSE.txt").write_text("ODC-By\n")
    for record, states in TRACKS.items():
        path = source / "training_data" / record
        time = np.arange(round(states[-1][1] * 4000)) / 4000
        known = [state for state in states if state[2]]
        inside = (time >= known[0][0]) & (time < known[-1][1])
        soundfile.write(
            path.with_suffix(".wav"), 0.3 * inside * np.sin(2 * np.pi * 100 * time), 4000
        )
        rows = ["\t".join(map(str, state)) for state in states]
        path.with_suffix(".tsv").write_text("\n".join(rows) + "\n")
    write_list(source)
    return source.parent


@pytest.fixture
def corpus(release: Path, tmp_path: Path) -> Corpus:
    """The small release, prepared."""
    circor.prepare(release, tmp_path / "circor")
    return circor.load(tmp_path / "circor")


def test_the_longest_annotated_recording_is_chosen(corpus: Corpus) -> None:
    """Of equals the first by name; what is not told does not count."""
    assert corpus.records.file.tolist() == [
        "audio/9_PV.flac",
        "audio/85_MV.flac",
        "audio/120_AV_1.flac",
    ]
    assert corpus.records.location.tolist() == ["PV", "MV", "AV"]


def test_recordings_are_cropped_to_what_is_annotated(corpus: Corpus) -> None:
    """From the first to the last state that is told, at most 30 s."""
    assert corpus.records.frames.tolist() == [1250, 1000, 30000]
    for wave in corpus.waves(corpus.records.index):
        assert wave[:5].abs().max() > 0.05
        assert wave[-12:].abs().max() > 0.25
    table = pd.read_csv(corpus.root / "records.csv")
    assert table.crop_start_s.tolist() == [0.25, 0.0, 0.1]
    assert table.crop_duration_s.tolist() == [1.25, 1.0, 30.0]
    assert table.source_duration_s.tolist() == [2.0, 1.0, 31.0]
    assert table.columns.tolist() == circor.COLUMNS


def test_states_count_from_the_crop(corpus: Corpus) -> None:
    """What is between annotated states and not told stays 0."""
    first, second, third = corpus.states(corpus.records.index)
    assert first.unique_consecutive(return_counts=True)[0].tolist() == [1, 0, 4]
    assert first.unique_consecutive(return_counts=True)[1].tolist() == [250, 500, 500]
    assert second.unique_consecutive().tolist() == [1, 2]
    assert (third == 4).all()


def test_a_recording_without_segments_has_no_states(corpus: Corpus) -> None:
    """0 throughout, and another corpus by its hash: states are what is learnt."""
    path = corpus.root / "segments.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("85_MV")))
    less = circor.load(corpus.root)
    assert [bool(states.any()) for states in less.states(less.records.index)] == [True, False, True]
    assert less.content_hash() != corpus.content_hash()


def test_segments_that_lack_are_told(corpus: Corpus) -> None:
    """In one line."""
    (corpus.root / "segments.csv").unlink()
    with pytest.raises(InputError, match=r"segments\.csv: not there"):
        circor.load(corpus.root)


def test_a_subject_of_both_campaigns_is_one_speaker(corpus: Corpus) -> None:
    """By the number that the release gives of the other campaign."""
    assert corpus.records.speaker.tolist() == ["9", "85", "85"]
    assert corpus.records.diagnosis.tolist() == ["normal", "abnormal", "abnormal"]


@pytest.mark.parametrize(
    "changed", ["training_data/9_AV.tsv", "training_data/9_PV.wav", "training_data.csv"]
)
def test_a_changed_file_is_named(release: Path, tmp_path: Path, changed: str) -> None:
    """Sound, states or subjects; the states of recordings that are not chosen as well."""
    file = release / "circor-1.0.3" / changed
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(InputError, match=f"{changed}: its checksum is not the published one"):
        circor.prepare(release, tmp_path / "circor")
    assert not (tmp_path / "circor").exists()


def test_a_subject_without_annotation_is_named(release: Path, tmp_path: Path) -> None:
    """Rather than left out."""
    next(release.rglob("9_AV.tsv")).write_text("0.0\t2.0\t0\n")
    next(release.rglob("9_PV.tsv")).unlink()
    write_list(release / "circor-1.0.3")
    with pytest.raises(InputError, match="subject 9 has no annotated recording"):
        circor.prepare(release, tmp_path / "circor")


def test_a_missing_recording_is_named(release: Path, tmp_path: Path) -> None:
    """One whose states are there."""
    next(release.rglob("85_MV.wav")).unlink()
    with pytest.raises(InputError, match=r"85_MV\.wav: not there"):
        circor.prepare(release, tmp_path / "circor")


def test_the_release_table_comes_along(corpus: Corpus) -> None:
    """With its licence, and in the list of checksums."""
    assert (corpus.root / "training_data.csv").read_text() == SUBJECTS
    listed = (corpus.root / "SHA256SUMS").read_text()
    assert all(name in listed for name in ("LICENSE.txt", "segments.csv", "training_data.csv"))


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    """Counts are those of the README; in both campaigns a person's sex is the same."""
    corpus = circor.load(prepared("circor"))
    assert corpus.records.shape[0] == 942
    assert corpus.records.diagnosis.value_counts().to_dict() == {"normal": 486, "abnormal": 456}
    assert corpus.records.murmur.value_counts().to_dict() == {
        "Absent": 695,
        "Present": 179,
        "Unknown": 68,
    }
    assert corpus.records.speaker.nunique() == 942 - 70
    assert (corpus.records.groupby("speaker").subject_sex.nunique() == 1).all()
    table = pd.read_csv(corpus.root / "records.csv")
    assert table.columns.tolist() == circor.COLUMNS


def test_real_recordings_are_as_long_as_their_states(prepared: Callable[[str], Path]) -> None:
    """Within a sample: the crop is what was annotated."""
    corpus = circor.load(prepared("circor"))
    sample = corpus.records.sample(60, random_state=0)
    assert corpus.segments is not None
    ends = corpus.segments.groupby("file").end_s.max()[sample.file].to_numpy()
    np.testing.assert_allclose(sample.frames, ends * 1000, atol=1)
    assert [len(wave) for wave in corpus.waves(sample.index)] == sample.frames.tolist()
    one = sample.iloc[0]
    own = corpus.segments[corpus.segments.file == one.file]
    assert len(track(own, one.frames, 1000)) == one.frames
