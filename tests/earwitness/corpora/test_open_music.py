import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.corpora import open_music
from earwitness.corpora.manifests import manifest
from earwitness.errors import InputError
from earwitness.sound import audio
from tests.checkout import ROOT

DATA = Path(os.environ.get("DATA_DIR", ROOT.parent / "shared/data"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Both folders, every track a second of noise in some rate."""
    random = np.random.default_rng(0)
    for folder in open_music.FOLDERS:
        (tmp_path / folder).mkdir()
        for number, file in enumerate(manifest(folder).file):
            rate = 22050 if number % 2 else 44100
            samples = random.uniform(-0.5, 0.5, (rate, 2))
            kind = {"format": "WAV"} if file.endswith("mp3") else {}
            soundfile.write(tmp_path / folder / file, samples, rate, **kind)
    return tmp_path


def test_tracks_are_those_of_the_manifests(root: Path) -> None:
    """With artist, title and licence, and lengths at one rate."""
    corpus = open_music.load(root)
    assert len(corpus.records) == 62 + 9
    assert (corpus.records.frames == open_music.RATE).all()
    row = corpus.records.iloc[1]
    assert (row.title, row.speaker, row.licence) == ("Better", "Jonathan Coulton", "CC BY-NC 3.0")
    wave = audio.read(root / row.file, 16000)
    assert wave.shape == (16000,)


def test_a_missing_folder_or_track_is_named(root: Path, tmp_path: Path) -> None:
    """With what to do."""
    (root / open_music.load(root).records.file[3]).unlink()
    with pytest.raises(InputError, match=r"\.ogg: cannot be decoded; fetch this file again"):
        open_music.load(root)
    with pytest.raises(InputError, match=r"open_music: Open music is not there; give DATA_DIR="):
        open_music.load(tmp_path / "nowhere")


@pytest.mark.skipif(not (DATA / "open_music").is_dir(), reason="DATA_DIR has no open_music")
def test_the_real_tracks_are_there() -> None:
    """62 of 35 s, and nine of any length, one an MP3."""
    corpus = open_music.load(DATA)
    seconds = corpus.records.frames / corpus.rate
    assert (seconds[:62].round() == 35).all()
    (mp3,) = (file for file in corpus.records.file if file.endswith("mp3"))
    assert len(audio.read(DATA / mp3, 16000)) > 29 * 16000
