from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.corpora.previews import RATE, load
from earwitness.errors import InputError
from earwitness.sound import audio


def write(path: Path, seconds: float, rate: int, channels: int, **settings: str) -> None:
    random = np.random.default_rng(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(
        path, random.uniform(-0.5, 0.5, (int(seconds * rate), channels)), rate, **settings
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Stereo, one channel, eight bits, and an MP3."""
    write(tmp_path / "An artist/one.ogg", 2, 44100, 2)
    write(tmp_path / "An artist/two.wav", 2, 8000, 1)
    write(tmp_path / "three.wav", 2, 22050, 1, subtype="PCM_U8")
    write(tmp_path / "four.mp3", 2, 44100, 2, format="MP3")
    return tmp_path


def test_recordings_of_any_kind_are_taken(root: Path) -> None:
    """Folders are artists; every one can be heard at a tagger's rate."""
    corpus = load(root, 1.5)
    told = dict(zip(corpus.records.file, corpus.records.speaker, strict=True))
    assert told == {"An artist/one.ogg": "An artist", "An artist/two.wav": "An artist",
                    "four.mp3": "four", "three.wav": "three"}  # fmt: skip
    assert (corpus.records.frames / RATE - 2 < 0.1).all()
    for file in corpus.records.file:
        assert len(audio.read(root / file, 16000)) == pytest.approx(32000, abs=2000)


def test_what_is_no_recording_is_named(root: Path) -> None:
    """A text that lies among them, and a recording that is damaged."""
    (root / "list.txt").write_text("one\ntwo\n")
    with pytest.raises(InputError, match=r"list.txt: not a recording; move it out of the folder"):
        load(root)
    (root / "list.txt").rename(root / "list.wav")
    with pytest.raises(InputError, match=r"list.wav: cannot be decoded; fetch this file again"):
        load(root)


def test_a_recording_that_is_too_short_is_named_with_its_length(root: Path) -> None:
    """And how long it has to be."""
    write(root / "short.wav", 1, 8000, 1)
    with pytest.raises(InputError, match=r"short.wav: 1.0 s long, shorter than the 1.5 s that a"):
        load(root, 1.5)


def test_a_silent_recording_is_named_when_it_is_read(root: Path) -> None:
    """No tag can be explained of silence."""
    soundfile.write(root / "silent.wav", np.zeros(30000), 8000)
    corpus = load(root)
    with pytest.raises(InputError, match=r"silent.wav: is silent \(all samples are zero\)"):
        audio.read(root / "silent.wav", corpus.rate)


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    """As does one that is not there."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="holds no recordings; put the previews there"):
            load(folder)
