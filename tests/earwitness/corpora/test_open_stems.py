import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from earwitness.corpora import open_stems
from earwitness.corpora.open_stems import STEMS
from earwitness.errors import InputError
from earwitness.sound import audio
from tests.checkout import ROOT

DATA = Path(os.environ.get("DATA_DIR", ROOT.parent / "shared/data"))
SONGS = {
    "everything_is_free_x": ["vocals", "drums", "other"],
    "mdn_multi_track": ["bass", "drums", "horns", "clavinet"],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two songs and the excerpt; each stem has a level of its own."""
    stems = [(f"open_stems/{song}", "{}.ogg", names) for song, names in SONGS.items()]
    for folder, name, names in [
        *stems,
        ("cc_music_stems", "Music_Delta_-_80s_Rock.{}.flac", STEMS),
    ]:
        (tmp_path / folder).mkdir(parents=True)
        for number, stem in enumerate([*names, "mixture"]):
            tone = 0.05 * (number + 1) * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
            soundfile.write(tmp_path / folder / name.format(stem), np.stack([tone, tone], 1), 44100)
    return tmp_path


def test_songs_have_their_stems(root: Path) -> None:
    """Each by its name; whose a song is, and what it is made of."""
    corpus = open_stems.load(root)
    assert list(corpus.records.song) == [*SONGS, "Music_Delta_-_80s_Rock"]
    assert list(corpus.records.speaker) == ["Software-Entwicklungskit", "MDN", "Music Delta"]
    assert corpus.records.stems[1] == "bass+clavinet+drums+horns"
    assert (corpus.records.frames == 44100).all()


def test_stems_that_are_lacking_are_silent_and_further_ones_are_other(root: Path) -> None:
    """Horns and clavinet belong together to what is none of the four."""
    corpus = open_stems.load(root)
    found, names = corpus.stems(corpus.records.file[0], 44100)
    assert names == STEMS
    assert not found[STEMS.index("bass")].any()
    found, _ = corpus.stems(corpus.records.file[1], 44100)
    assert not found[STEMS.index("vocals")].any()
    horns, clavinet = (
        audio.read(root / f"open_stems/mdn_multi_track/{name}.ogg", 44100)
        for name in ("horns", "clavinet")
    )
    torch.testing.assert_close(found[STEMS.index("other")], horns + clavinet)
    assert corpus.stems(corpus.records.file[2], 16000)[0].shape == (4, 16000)


def test_a_changed_stem_is_another_corpus(root: Path) -> None:
    """Though no mixture has changed."""
    before = open_stems.load(root).content_hash()
    path = root / "open_stems/mdn_multi_track/horns.ogg"
    samples, rate = soundfile.read(path)
    soundfile.write(path, 0.5 * samples, rate)
    assert open_stems.load(root).content_hash() != before


def test_missing_folders_and_mixtures_are_named(root: Path, tmp_path: Path) -> None:
    """One line each."""
    (root / "open_stems/mdn_multi_track/mixture.ogg").unlink()
    with pytest.raises(InputError, match="mdn_multi_track lacks its mixture; run `make data"):
        open_stems.load(root)
    with pytest.raises(InputError, match="open_stems: Open stems is not there; give DATA_DIR="):
        open_stems.load(tmp_path / "nowhere")


@pytest.mark.skipif(not (DATA / "open_stems").is_dir(), reason="DATA_DIR has no open_stems")
def test_real_stems_add_up_to_the_mixture() -> None:
    """But for the coding of the mixture, 20 dB below."""
    corpus = open_stems.load(DATA)
    assert len(corpus.records) == 8
    for file in (corpus.records.file[1], corpus.records.file[7]):
        stems, _ = corpus.stems(file, 16000)
        mixture = audio.read(DATA / file, 16000)[: stems.shape[1]]
        error = (stems.sum(0)[: len(mixture)] - mixture).square().mean()
        assert float(10 * torch.log10(mixture.square().mean() / error)) > 18
