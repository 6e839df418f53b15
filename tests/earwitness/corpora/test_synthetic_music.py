from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LinearRegression

from earwitness.corpora import synthetic_music
from earwitness.corpora.corpus import Corpus
from earwitness.corpora.ratings import EMOTIONS, MIDLEVEL
from earwitness.errors import InputError
from earwitness.synthesis.music import SOURCES, synthesise


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Three songs of two seconds; no test changes them."""
    return synthetic_music.load(tmp_path_factory.mktemp("music") / "songs", 3, 7, seconds=2.0)


def test_songs_are_as_long_as_asked(corpus: Corpus) -> None:
    """Two seconds, in the table and on disc."""
    waves = corpus.waves(corpus.records.index)
    assert [len(wave) for wave in waves] == [44100] * 3 == list(corpus.records.frames)
    assert corpus.rate == 22050


def test_sources_add_up_to_the_song_on_disk(corpus: Corpus) -> None:
    """But for the rounding to 16 bits."""
    for file, wave in zip(corpus.records.file, corpus.waves(corpus.records.index), strict=True):
        stems, names = synthetic_music.sources(corpus, file)
        assert len(names) == len(stems) == 4
        assert float((stems.sum(0) - wave).abs().max()) < 2**-15


def test_records_are_all_it_takes_to_make_a_song_again(corpus: Corpus) -> None:
    """Its attributes and its seed, as a reader of the table would use them."""
    for row in pd.read_csv(corpus.root / "records.csv").to_dict("records"):
        attributes = {name: row[name] for name in MIDLEVEL}
        made = synthesise(attributes, row["seed"], row["frames"] / 22050, 22050)
        stems, names = synthetic_music.sources(corpus, row["file"])
        assert names == SOURCES
        np.testing.assert_array_equal(stems, made.stems)


def test_emotions_follow_from_the_planted_weights() -> None:
    """Without noise exactly, with noise nearly."""
    for noise, tolerance in ((0.0, 1e-9), (0.05, 0.03)):
        drawn = synthetic_music.drawn(2000, 1, noise)
        fitted = LinearRegression().fit(drawn[list(MIDLEVEL)], drawn[list(EMOTIONS)])
        planted = synthetic_music.PLANTED.loc[list(MIDLEVEL), list(EMOTIONS)]
        np.testing.assert_allclose(fitted.coef_.T, planted, atol=tolerance)


def test_attributes_are_independent_and_in_range() -> None:
    """No attribute tells of another; none leaves the range of ratings."""
    drawn = synthetic_music.drawn(2000, 1, 0.05)[list(MIDLEVEL)]
    assert drawn.min().min() >= 0.1
    assert drawn.max().max() <= 1.0
    off_diagonal = drawn.corr().to_numpy()[~np.eye(7, dtype=bool)]
    assert np.abs(off_diagonal).max() < 0.1


def test_emotions_stay_in_the_range_of_ratings() -> None:
    """Between 0 and 1, but for a few that noise carries out."""
    emotions = synthetic_music.drawn(2000, 1, 0.05)[list(EMOTIONS)].to_numpy()
    assert ((emotions < 0) | (emotions > 1)).mean() < 0.02
    assert emotions.mean(axis=0) == pytest.approx(np.full(8, 0.5), abs=0.03)


def test_evidence_lies_within_the_song(corpus: Corpus) -> None:
    """Two fifths of it, where the chords lie."""
    regions = synthetic_music.evidence(corpus.root)
    assert list(regions.file) == list(corpus.records.file)
    assert (regions.onset_s >= 0).all()
    assert (regions.offset_s <= 2.0 + 1e-6).all()
    np.testing.assert_allclose(regions.offset_s - regions.onset_s, 0.4 * 2.0, atol=1e-5)
    assert set(regions.label) == {"dissonance"}
    assert (regions.low_hz < regions.high_hz).all()


def test_evidence_is_where_dissonance_is_heard(corpus: Corpus) -> None:
    """A song made again without any differs there, and at most a beat later."""
    regions = synthetic_music.evidence(corpus.root).set_index("file")
    for row in corpus.records.to_dict("records"):
        stems, _ = synthetic_music.sources(corpus, row["file"])
        attributes = {name: row[name] for name in MIDLEVEL} | {"dissonance": 0.0}
        without = synthesise(attributes, row["seed"], 2.0, 22050).stems
        heard = np.flatnonzero((stems.numpy() != without).any(axis=0)) / 22050
        assert regions.onset_s[row["file"]] - 1e-4 <= heard.min()
        assert heard.max() <= regions.offset_s[row["file"]] + 60 / 110


def test_it_is_made_once(corpus: Corpus) -> None:
    """A complete corpus is read, not written again."""
    before = (corpus.root / "records.csv").stat().st_mtime_ns
    again = synthetic_music.load(corpus.root, 3, 7, seconds=2.0)
    assert (corpus.root / "records.csv").stat().st_mtime_ns == before
    assert again.content_hash() == corpus.content_hash()


def test_the_same_arguments_make_the_same_bytes(corpus: Corpus, tmp_path: Path) -> None:
    """In another folder; another seed makes others."""
    again = synthetic_music.load(tmp_path / "songs", 3, 7, seconds=2.0)
    assert again.content_hash() == corpus.content_hash()
    other = synthetic_music.load(tmp_path / "other", 3, 8, seconds=2.0)
    assert other.content_hash() != corpus.content_hash()


@pytest.mark.parametrize(("songs", "seconds"), [(0, 2.0), (3, 0.5)])
def test_nothing_to_synthesise_is_refused(tmp_path: Path, songs: int, seconds: float) -> None:
    """One line that names both."""
    with pytest.raises(InputError, match=rf"{songs} songs of {seconds} s"):
        synthetic_music.load(tmp_path, songs, 1, seconds=seconds)


def test_evidence_of_no_corpus_is_refused(tmp_path: Path) -> None:
    """It is never half of one."""
    with pytest.raises(InputError, match="holds no complete Synthetic songs"):
        synthetic_music.evidence(tmp_path)


def test_waves_are_not_silent(corpus: Corpus) -> None:
    """And finite."""
    assert all(
        torch.isfinite(wave).all() and wave.any() for wave in corpus.waves(corpus.records.index)
    )
