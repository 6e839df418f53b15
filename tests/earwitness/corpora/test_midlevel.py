import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from earwitness.corpora import midlevel, releases
from earwitness.corpora.ratings import EMOTIONS, MIDLEVEL
from earwitness.errors import InputError
from reproduction import config

NUMBERS = (1, 2, 7, 360)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Four soundtracks and a song of another source, laid out as published."""
    source, random = tmp_path / "release", np.random.default_rng(0)
    tables = source / "metadata_annotations"
    tables.mkdir(parents=True)
    songs = pd.DataFrame(
        {
            "song id": [11, 12, 13, 14, 15],
            "Source": ["soundtracks"] * 4 + ["jamendo"],
            "ID at file source": ["001", "002", "007", "360", "123456"],
            "Artist": ["Elfman", "Elfman", "Barry", "Zimmer", "somebody"],
        }
    )
    songs.to_csv(tables / "metadata.csv", sep=";", index=False)
    rated = pd.DataFrame(random.uniform(1, 10, (5, 7)).round(3), columns=list(MIDLEVEL))
    rated = rated.rename(columns={"dissonance": " dissonance"})  # as the release has some
    rated.insert(0, "song_id", songs["song id"])
    rated.to_csv(tables / "annotations.csv", index=False)
    felt = pd.DataFrame(random.uniform(1, 9, (4, 8)).round(2), columns=list(EMOTIONS))
    felt.insert(0, "number", NUMBERS)
    felt.assign(TARGET="FEAR").to_csv(source / "mean_ratings_set1.csv", index=False)
    for number in NUMBERS:
        write_song(source / "Set1" / f"{number:03d}.mp3")
    return source


def write_song(path: Path, hertz: float = 440) -> None:
    """A tenth of a second of a tone in stereo, compressed as the release is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(4410) / 44100)
    soundfile.write(path, np.stack([tone, tone], axis=1), 44100, format="MP3")


def edited(path: Path, separator: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    edit(pd.read_csv(path, sep=separator)).to_csv(path, sep=separator, index=False)


def test_prepared_layout_is_loaded(release: Path, tmp_path: Path) -> None:
    """Songs with both ratings, each a tenth of what was published; artists are the groups."""
    midlevel.prepare(release, tmp_path / "midlevel")
    corpus = midlevel.load(tmp_path / "midlevel")
    assert list(corpus.records.file) == ["001.flac", "002.flac", "007.flac", "360.flac"]
    assert list(corpus.records.speaker) == ["Elfman", "Elfman", "Barry", "Zimmer"]
    felt = pd.read_csv(release / "mean_ratings_set1.csv")
    np.testing.assert_allclose(corpus.records[list(EMOTIONS)], felt[list(EMOTIONS)] / 10)
    rated = pd.read_csv(release / "metadata_annotations/annotations.csv").iloc[:4]
    np.testing.assert_allclose(corpus.records.dissonance, rated[" dissonance"] / 10)
    waves = corpus.waves(corpus.records.index)
    assert corpus.rate == 22050
    assert all(0.05 < len(wave) / corpus.rate < 0.25 for wave in waves)
    assert all(wave[0] != 0 and wave[-1] != 0 for wave in waves)


def test_songs_that_are_still_packed_are_unpacked(release: Path, tmp_path: Path) -> None:
    """The Open Science Framework gives an archive within an archive."""
    with zipfile.ZipFile(release / "Set1.zip", "w") as packed:
        for path in sorted((release / "Set1").iterdir()):
            packed.write(path, f"Set1/{path.name}")
            path.unlink()
    midlevel.prepare(release, tmp_path / "midlevel")
    assert len(midlevel.load(tmp_path / "midlevel").records) == 4


def test_unpacking_that_was_interrupted_begins_again(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the songs are not taken for all of them."""

    def interrupted(archive: Path, folder: Path) -> None:
        write_song(folder / "Set1" / "001.mp3")
        raise KeyboardInterrupt

    (release / "Set1").rename(tmp_path / "Set1")
    with zipfile.ZipFile(release / "Set1.zip", "w") as packed:
        for path in sorted((tmp_path / "Set1").iterdir()):
            packed.write(path, f"Set1/{path.name}")
    with monkeypatch.context() as patch:
        patch.setattr(midlevel, "extract", interrupted)
        with pytest.raises(KeyboardInterrupt):
            midlevel.prepare(release, tmp_path / "midlevel")
    midlevel.prepare(release, tmp_path / "midlevel")
    assert len(midlevel.load(tmp_path / "midlevel").records) == 4


@pytest.mark.parametrize("other", ["Set2/001.mp3", "audio/360.mp3"])
def test_songs_of_other_sets_are_not_mistaken(release: Path, tmp_path: Path, other: str) -> None:
    """Set 2 numbers its songs from 001 too, and the mid-level set has numbers of its own."""
    write_song(release / other, hertz=2000)
    midlevel.prepare(release, tmp_path / "midlevel")
    corpus = midlevel.load(tmp_path / "midlevel")
    for wave in corpus.waves(corpus.records.index):
        assert np.abs(np.fft.rfft(wave)).argmax() * corpus.rate / len(wave) < 1000


def test_a_song_without_an_artist_is_a_group_of_its_own(release: Path, tmp_path: Path) -> None:
    """An empty name is no speaker, and two of them are not the same."""
    edited(
        next(release.rglob("metadata.csv")), ";", lambda t: t.assign(Artist=[None] * 2 + ["a"] * 3)
    )
    midlevel.prepare(release, tmp_path / "midlevel")
    speakers = midlevel.load(tmp_path / "midlevel").records.speaker
    assert list(speakers) == ["song 1", "song 2", "a", "a"]


def test_silence_at_the_ends_is_cut(tmp_path: Path) -> None:
    """Although resampling leaves a trace of the sound in it."""
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(4410) / 44100)
    soundfile.write(tmp_path / "a.wav", np.pad(tone, 4410), 44100, subtype="FLOAT")
    kept = midlevel._render(tmp_path / "a.wav")
    stored = (kept * 2**15).round()
    assert stored[0] != 0
    assert stored[-1] != 0
    assert len(kept) < 4410


def test_the_content_hash_tells_ratings_apart(release: Path, tmp_path: Path) -> None:
    """A result depends on what was rated."""
    root = tmp_path / "midlevel"
    midlevel.prepare(release, root)
    before = midlevel.load(root).content_hash()
    edited(root / "records.csv", ",", lambda t: t.assign(fear=t.fear / 2))
    assert midlevel.load(root).content_hash() != before


def test_the_split_keeps_artists_together(release: Path, tmp_path: Path) -> None:
    """As the paper's profile splits them, with shares that three artists allow."""
    midlevel.prepare(release, tmp_path / "midlevel")
    records = midlevel.load(tmp_path / "midlevel").records
    cfg = config.compose(["paper=midlevel", "profile=paper"])
    split = config.build(cfg.studies.songs.split, validate=0.3, test=0.3)
    (fold,) = split(records)
    parts = [set(records.speaker[rows]) for rows in (fold.train, fold.validate, fold.test)]
    assert all(parts)
    assert sum(map(len, parts)) == 3


@pytest.mark.parametrize(
    ("name", "separator", "edit", "message"),
    [
        ("mean_ratings_set1.csv", ",", lambda t: t.drop(columns="fear"), r"lacks the column fear"),
        ("mean_ratings_set1.csv", ",", lambda t: t.iloc[1:], r"song 1 is not in mean_ratings"),
        ("metadata.csv", ";", lambda t: t.iloc[1:], r"song 1 is not in annotations"),
        ("metadata.csv", ";", lambda t: t.drop(columns="Artist"), r"lacks the column Artist"),
        (
            "annotations.csv",
            ",",
            lambda t: t.assign(articulation=11),
            r"articulation of song 1 is 1\.1",
        ),
        ("mean_ratings_set1.csv", ",", lambda t: t.assign(sad=0), r"sad of song 1 is 0, not"),
        (
            "mean_ratings_set1.csv",
            ",",
            lambda t: t.assign(sad=[5, 5, 0, 5]),
            r"sad of song 7 is 0, not",
        ),
        ("mean_ratings_set1.csv", ",", lambda t: t.assign(sad="5,0"), r"sad holds text; save"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    release: Path,
    tmp_path: Path,
    name: str,
    separator: str,
    edit: Callable[[pd.DataFrame], pd.DataFrame],
    message: str,
) -> None:
    """One line that names what is wrong, before any sound is converted."""
    edited(next(release.rglob(name)), separator, edit)
    with pytest.raises(InputError, match=message):
        midlevel.prepare(release, tmp_path / "midlevel")
    assert not (tmp_path / "midlevel").exists()


@pytest.mark.parametrize("name", ["metadata.csv", "annotations.csv", "mean_ratings_set1.csv"])
def test_a_missing_table_is_named(release: Path, tmp_path: Path, name: str) -> None:
    next(release.rglob(name)).unlink()
    with pytest.raises(InputError, match=rf"holds no {name}"):
        midlevel.prepare(release, tmp_path / "midlevel")


def test_a_missing_song_is_named(release: Path, tmp_path: Path) -> None:
    (release / "Set1/007.mp3").unlink()
    with pytest.raises(InputError, match=r"Set1/007\.mp3: not there"):
        midlevel.prepare(release, tmp_path / "midlevel")


def test_both_archives_are_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each into a folder of its own below the one that is prepared from."""
    asked: list[tuple[str, Path]] = []
    monkeypatch.setattr(
        releases, "fetch", lambda release, folder: asked.append((release.archive, folder)) or folder
    )
    assert releases.fetch_all(midlevel.RELEASE, tmp_path) == tmp_path
    assert asked == [
        ("soundtracks.zip", tmp_path),
        ("metadata_annotations.zip", tmp_path / "annotations"),
    ]
