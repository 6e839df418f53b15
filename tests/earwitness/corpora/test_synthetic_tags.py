from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from earwitness.corpora.synthetic_tags import (
    CAUSES,
    RATE,
    SAMPLES,
    SEGMENTS,
    TAGS,
    drawn,
    evidence,
    load,
    song,
)
from earwitness.errors import InputError
from earwitness.sound import audio
from earwitness.synthesis.music import SOURCES

SONGS = 12


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("tags")
    load(folder, SONGS, 0)
    return folder


def row(**tags: int) -> dict[str, object]:
    """A song with some tags, of one seed."""
    return {"seed": 5} | {tag: tags.get(tag.replace(" ", "_"), 0) for tag in TAGS}


def test_stems_add_up_to_the_song(root: Path) -> None:
    """But for its 16 bits; they are as long as what SampleCNN hears."""
    corpus = load(root, SONGS, 0)
    for file in corpus.records.file[:3]:
        stems, names = corpus.stems(file, RATE)
        assert names == SOURCES
        assert stems.shape == (len(SOURCES), SAMPLES)
        written = audio.read(root / file, RATE)
        torch.testing.assert_close(stems.sum(0), written, atol=2e-4, rtol=0)
        assert float(written.abs().max()) < 1


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_changes_its_source_during_its_passage_alone(tag: str) -> None:
    """All else is the same, to the last bit."""
    plain, none = song(row())
    special, passages = song(row(**{tag.replace(" ", "_"): 1}))
    assert not none
    assert list(passages) == [tag]
    place, (begin, end) = SOURCES.index(CAUSES[tag]), passages[tag]
    others = np.delete(np.arange(len(SOURCES)), place)
    np.testing.assert_array_equal(plain[others], special[others])
    time = np.arange(SAMPLES) / RATE
    outside = (time < begin - 0.02) | (time > end + 0.02)
    np.testing.assert_allclose(plain[place][outside], special[place][outside], atol=1e-6)
    inside = ~outside
    difference = plain[place][inside] - special[place][inside]
    assert np.square(difference).mean() > 0.1 * np.square(plain[place][inside]).mean()


@pytest.mark.parametrize("tag", TAGS)
def test_loudness_does_not_tell_a_tag(tag: str) -> None:
    """During the passage the source is as loud as in its plain manner."""
    ratios = []
    for seed in range(6):
        own = row(**{tag.replace(" ", "_"): 1}) | {"seed": seed}
        special, passages = song(own)
        plain, _ = song(row() | {"seed": seed})
        place, (begin, end) = SOURCES.index(CAUSES[tag]), passages[tag]
        inside = slice(round((begin + 0.02) * RATE), round((end - 0.02) * RATE))
        loud = [np.sqrt(np.square(s[place][inside]).mean()) for s in (special, plain)]
        ratios.append(loud[0] / loud[1])
    assert np.exp(np.log(ratios).mean()) == pytest.approx(1, abs=0.35)


def test_evidence_lies_on_segments_inside_of_what_musicnn_hears(root: Path) -> None:
    """One region a song and tag that it has, of the right source, three segments long."""
    records, regions = load(root, SONGS, 0).records, evidence(root)
    told = {(r.file, tag) for r in records.itertuples() for tag in TAGS
            if records.set_index("file").loc[r.file, tag]}  # fmt: skip
    assert {(r.file, r.label) for r in regions.itertuples()} == told
    assert (regions.source == regions.label.map(CAUSES)).all()
    segment = SAMPLES / RATE / SEGMENTS
    for column in ("onset_s", "offset_s"):
        place = regions[column] / segment
        np.testing.assert_allclose(place, place.round(), atol=1e-3)
    assert np.allclose(regions.offset_s - regions.onset_s, 3 * segment, atol=1e-3)
    assert regions.onset_s.min() > (SAMPLES - 48000) / 2 / RATE
    assert regions.offset_s.max() < (SAMPLES + 48000) / 2 / RATE


def test_tags_are_drawn_evenly_and_none_has_none() -> None:
    """Each in about half of the songs, independently of the others."""
    tags = drawn(600, 0)[list(TAGS)]
    assert (tags.sum(axis=1) > 0).all()
    assert tags.mean().between(0.45, 0.62).all()
    assert (tags.corr().abs().to_numpy() - np.eye(len(TAGS)) < 0.2).all()


def test_the_same_arguments_make_the_same_songs(tmp_path: Path, root: Path) -> None:
    """Once; another seed makes others."""
    again, other = load(tmp_path / "a", SONGS, 0), load(tmp_path / "b", SONGS, 1)
    assert again.content_hash() == load(root, SONGS, 0).content_hash() != other.content_hash()
    written = (root / "records.csv").stat().st_mtime_ns
    load(root, SONGS, 0)
    assert (root / "records.csv").stat().st_mtime_ns == written
    assert pd.read_csv(root / "records.csv").shape[0] == SONGS


def test_no_songs_and_other_rates_are_refused(tmp_path: Path, root: Path) -> None:
    """One line each."""
    with pytest.raises(InputError, match="0 songs; give one or more"):
        load(tmp_path, 0, 0)
    corpus = load(root, SONGS, 0)
    with pytest.raises(InputError, match="stems are at 16000 Hz, not 8000"):
        corpus.stems(corpus.records.file[0], 8000)
