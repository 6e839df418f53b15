"""The corpus of synthesised hearts: complete or begun anew, and true to what was made."""

from pathlib import Path
from typing import Any

import pytest
import torch

from earwitness.corpora import synthetic_hearts
from earwitness.corpora.corpus import Corpus
from earwitness.errors import InputError

SETTINGS: dict[str, Any] = {"subjects": 9, "seed": 5, "murmur_db": [-12.0, -8.0], "seconds": 4.0}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return synthetic_hearts.load(tmp_path_factory.mktemp("hearts"), **SETTINGS)


def test_recordings_and_states_fit(corpus: Corpus) -> None:
    """Every sample has a state."""
    rows = corpus.records.index
    for wave, states in zip(corpus.waves(rows), corpus.states(rows), strict=True):
        assert len(wave) == len(states)
        assert set(states.unique().tolist()) <= {1, 2, 3, 4}
        assert (states == 0).sum() == 0


def test_a_subject_stays_on_one_stethoscope(corpus: Corpus) -> None:
    """Some come twice, with the same diagnosis."""
    by_subject = corpus.records.groupby("speaker")
    assert by_subject.size().max() == 2
    assert (by_subject[["database", "diagnosis"]].nunique() == 1).all().all()


def test_evidence_is_of_the_abnormal_and_within_their_state(corpus: Corpus) -> None:
    regions = synthetic_hearts.evidence(corpus.root)
    abnormal = corpus.records[corpus.records.diagnosis == "abnormal"]
    assert set(regions.file) == set(abnormal.file)
    for row in abnormal.itertuples():
        (states,) = corpus.states(corpus.records.index[corpus.records.file == row.file])
        wanted = {"systolic": 2, "diastolic": 4}[row.murmur]
        for region in regions[regions.file == row.file].itertuples():
            inside = states[round(region.onset_s * 1000) + 1 : round(region.offset_s * 1000) - 1]
            assert (inside == wanted).all()


def test_the_same_arguments_are_not_made_again(corpus: Corpus) -> None:
    """Others are; an unfinished folder is finished, with the same bytes."""
    before = corpus.content_hash()
    times = {path: path.stat().st_mtime_ns for path in corpus.root.rglob("*.flac")}
    synthetic_hearts.load(corpus.root, **SETTINGS)
    assert times == {path: path.stat().st_mtime_ns for path in corpus.root.rglob("*.flac")}
    (corpus.root / "records.csv").unlink()
    with pytest.raises(InputError):
        synthetic_hearts.evidence(corpus.root)
    assert synthetic_hearts.load(corpus.root, **SETTINGS).content_hash() == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"subjects": 0}, "at least one subject"),
        ({"murmur_db": [-5.0, -9.0]}, "the softest and the loudest"),
        ({"seconds": 1.0}, "or more"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        synthetic_hearts.load(tmp_path, **SETTINGS | wrong)
    assert not any(tmp_path.iterdir())


def test_recordings_are_neither_silent_nor_clipped(corpus: Corpus) -> None:
    for wave in corpus.waves(corpus.records.index):
        assert 1e-3 < float(wave.abs().max()) <= 1.0
        assert torch.isfinite(wave).all()
