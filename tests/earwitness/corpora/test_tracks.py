from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.corpora import tracks
from earwitness.corpora.manifests import manifest
from earwitness.corpora.tracks import RATE, address, rebuild
from earwitness.errors import InputError

FOLDERS = ("open_music", "cc_music", "open_stems", "cc_music_stems")


def published(url: str, folder: Path) -> Path:
    """A recording that rises for as long as any that is listed, in one channel at 22.05 kHz."""
    path = folder / "published.flac"
    samples = np.linspace(0, 0.5, 400 * 2205, dtype="float32")
    soundfile.write(path, samples, 2205)
    return path


def few(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Manifests of a song or two."""

    def listed(folder: str) -> object:
        whole = manifest(folder)
        own = (
            whole[whole.song == "everything_is_free_rubidium"]
            if folder == "open_stems"
            else (whole[:2])
        )
        return own.assign(**changed)

    monkeypatch.setattr(tracks, "manifest", listed)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_track_says_what_it_is(folder: str) -> None:
    """Title, artist, licence, and a commit; addresses are those of files of a repository."""
    listed = manifest(folder)
    for column in ("title", "artist", "licence", "repository", "path"):
        assert (listed[column] != "").all()
    assert listed.commit.str.fullmatch("[0-9a-f]{40}").all()
    for row in listed.to_dict("records"):
        assert address(row).startswith(f"{tracks.HOST}/{row['repository'][11:]}/{row['commit']}/")
        assert " " not in address(row)


def test_tracks_are_cut_as_they_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From where the manifest says, as long as it says, in two channels at 44.1 kHz."""
    few(monkeypatch, start_s="100.0", duration_s="2.0")
    assert rebuild("open_music", tmp_path, published) == []
    for row in manifest("open_music")[:2].itertuples():
        samples, rate = soundfile.read(tmp_path / "open_music" / row.file)
        assert (rate, samples.shape) == (RATE, (2 * RATE, 2))
        assert samples.mean() == pytest.approx(0.5 * 101 / 400, abs=0.01)


def test_recordings_for_demonstrations_are_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are copied as they are."""
    few(monkeypatch)
    assert rebuild("cc_music", tmp_path, published) == []
    expected = published("", tmp_path).read_bytes()
    for file in manifest("cc_music").file[:2]:
        assert (tmp_path / "cc_music" / file).read_bytes() == expected


def test_stems_are_sums_and_the_mixture_is_the_sum_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of source tracks at their gain."""
    few(monkeypatch, start_s="100.0", duration_s="1.0", gain="0.5")
    assert rebuild("open_stems", tmp_path, published) == []
    song = tmp_path / "open_stems/everything_is_free_rubidium"
    found = {path.stem: soundfile.read(path)[0].mean() for path in song.iterdir()}
    counts = manifest("open_stems").query("song == 'everything_is_free_rubidium'").stem
    one = 0.5 * 0.5 * 100.5 / 400
    for stem, count in counts.value_counts().items():
        assert found[stem] == pytest.approx(count * one, abs=0.01)
    assert found["mixture"] == pytest.approx(len(counts) * one, abs=0.02)


def test_what_is_there_is_kept_and_what_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are made; nothing half-written is left."""
    few(monkeypatch, start_s="100.0", duration_s="1.0")
    first, second = manifest("open_music").file[:2]
    (tmp_path / "open_music").mkdir()
    (tmp_path / "open_music" / first).write_bytes(b"mine")

    def fails(url: str, folder: Path) -> Path:
        raise InputError(f"{url}: not fetched")

    (line,) = rebuild("open_music", tmp_path, fails)
    assert line.startswith(f"{second}: {tracks.HOST}")
    assert [path.name for path in (tmp_path / "open_music").iterdir()] == [first]
    assert rebuild("open_music", tmp_path, published) == []
    assert (tmp_path / "open_music" / first).read_bytes() == b"mine"


def test_another_recording_is_told_by_its_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends before the excerpt begins."""
    few(monkeypatch, start_s="1000.0", duration_s="1.0")
    lines = rebuild("open_music", tmp_path, published)
    assert all("ends before 1000.0 s; it is another recording" in line for line in lines)


def test_without_ffmpeg_what_needs_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; nothing is asked."""
    few(monkeypatch)
    monkeypatch.setattr(tracks.shutil, "which", lambda _: None)

    def odd(url: str, folder: Path) -> Path:
        path = folder / "song.mp4"
        path.write_bytes(b"not what libsndfile reads")
        return path

    lines = rebuild("cc_music_stems", tmp_path, odd)
    assert len(lines) == 5
    assert all("song.mp4: needs ffmpeg, which is not there; install it" in line for line in lines)


def test_a_server_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the address."""

    def fails(*_: object, **__: object) -> str:
        raise OSError("no route to host")

    monkeypatch.setattr(tracks.pooch, "retrieve", fails)
    with pytest.raises(InputError, match=r"^https://a/b.ogg: not fetched \(no route to host\)"):
        tracks.fetched("https://a/b.ogg", tmp_path)
