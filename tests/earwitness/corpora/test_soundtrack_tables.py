from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from earwitness.corpora import soundtrack_tables
from earwitness.corpora.ratings import EMOTIONS
from earwitness.corpora.soundtrack_tables import PERCEPTUAL
from earwitness.errors import InputError

FEATURES = ("RMS", "sp_centr", "MFCC1")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Four rated and three described excerpts, laid out as the collection's tables."""
    random = np.random.default_rng(0)
    rated = pd.DataFrame(random.uniform(1, 9, (4, 8)), columns=[name.title() for name in EMOTIONS])
    rated.insert(0, "Number", range(1, 5))
    rated["Beauty"] = 5.0
    rated["soundtrack"] = ["Cape Fear", "Alien", "Alien", "The Fifth Element"]
    rated["TARGET_EMOTION"] = "Fear"
    rated.to_csv(tmp_path / "soundtrack.csv", index=False)
    described = pd.DataFrame(random.uniform(1, 9, (3, 8)), columns=list(PERCEPTUAL))
    described.insert(0, "nro", range(1, 4))
    described.to_csv(tmp_path / "annotations.csv", index=False)
    for name, count, suffix in (("soundtrack", 4, "mp3"), ("annotations", 3, "wav")):
        features = pd.DataFrame(random.normal(size=(count, 3)), columns=list(FEATURES))
        features.insert(0, "File", [f"{number}.{suffix}" for number in range(1, count + 1)])
        features.to_csv(tmp_path / f"{name}_features.csv", index=False)
    return tmp_path


def test_each_excerpt_has_the_ratings_it_was_given(tables: Path) -> None:
    """A tenth of them, and nothing where it was not rated."""
    records = soundtrack_tables.load(tables).records
    assert len(records) == 7
    assert records[list(EMOTIONS)].notna().all(axis=1).tolist() == [True] * 4 + [False] * 3
    assert records[list(PERCEPTUAL)].notna().all(axis=1).tolist() == [False] * 4 + [True] * 3
    rated = pd.read_csv(tables / "soundtrack.csv")
    np.testing.assert_allclose(records.fear[:4], rated.Fear / 10)
    described = pd.read_csv(tables / "annotations.csv")
    np.testing.assert_allclose(records["mode"][4:], described["mode"] / 10)


def test_films_are_kept_together(tables: Path) -> None:
    """Two excerpts of one film have one `speaker`, others their own."""
    speakers = soundtrack_tables.load(tables).records.speaker
    assert speakers[1] == speakers[2]
    assert speakers.nunique() == 6


def test_a_wave_is_a_row_of_features(tables: Path) -> None:
    """Of its own excerpt, from the first feature on; what was rated is no feature."""
    corpus = soundtrack_tables.load(tables)
    assert corpus.features == FEATURES
    (wave,) = corpus.waves(corpus.records.index[[5]])
    expected = pd.read_csv(tables / "annotations_features.csv")[list(FEATURES)].iloc[1]
    np.testing.assert_allclose(wave, expected, rtol=1e-6)
    assert (corpus.records.frames == len(FEATURES)).all()
    assert "Beauty" not in corpus.records


def test_excerpts_have_names_of_their_own(tables: Path) -> None:
    """Both tables number theirs from 1."""
    records = soundtrack_tables.load(tables).records
    assert records.excerpt.is_unique
    assert records.excerpt[0] == "soundtrack/1.mp3"
    assert set(records.file) == {"soundtrack_features.csv", "annotations_features.csv"}


def test_the_content_hash_tells_features_apart(tables: Path) -> None:
    """A change of a feature, which no rating shows, makes another corpus."""
    before = soundtrack_tables.load(tables).content_hash()
    path = tables / "soundtrack_features.csv"
    features = pd.read_csv(path)
    features.assign(RMS=features.RMS + 1).to_csv(path, index=False)
    assert soundtrack_tables.load(tables).content_hash() != before


@pytest.mark.parametrize(
    "name", ["soundtrack", "soundtrack_features", "annotations", "annotations_features"]
)
def test_a_missing_table_is_named(tables: Path, name: str) -> None:
    """Whichever of the four it is."""
    (tables / f"{name}.csv").unlink()
    with pytest.raises(InputError, match=rf"{name}\.csv: .* is not there"):
        soundtrack_tables.load(tables)


def test_tables_of_different_length_are_refused(tables: Path) -> None:
    """Rows would otherwise have the features of others."""
    path = tables / "soundtrack_features.csv"
    pd.read_csv(path).iloc[1:].to_csv(path, index=False)
    with pytest.raises(InputError, match=r"soundtrack_features\.csv: 3 excerpts"):
        soundtrack_tables.load(tables)


def test_a_missing_rating_is_named(tables: Path) -> None:
    """With the remedy."""
    path = tables / "annotations.csv"
    pd.read_csv(path).drop(columns="density").to_csv(path, index=False)
    with pytest.raises(InputError, match=r"lack \['density'\]"):
        soundtrack_tables.load(tables)
