"""Songs with their true stems: seven of public repositories, and the excerpt that MUSDB18 shows.

They lie under one folder, as `open_stems/<song>/<stem>.ogg` and `cc_music_stems/`. The song is the
sum of its stems; the mixtures that lie beside them went through coding of their own.
"""

from functools import partial
from pathlib import Path

import pandas as pd
import torch

from earwitness.corpora.prepare import published_size
from earwitness.corpora.stems import Sources, StemCorpus
from earwitness.errors import InputError
from earwitness.sound import audio

NAME = "Open stems"
RATE = 44100
LICENCE = "CC0 1.0; one song CC BY-NC-SA 4.0"
STEMS = ("vocals", "drums", "bass", "other")
MIXTURE = "mixture"
EXCERPT = "cc_music_stems/Music_Delta_-_80s_Rock"
"""What the names of the files of the excerpt begin with."""
ARTISTS = {
    "everything_is_free": "Software-Entwicklungskit",
    "mdn_multi_track": "MDN",
    "Music_Delta": "Music Delta",
}
"""Beginnings of the names of songs."""


def load(root: str | Path) -> StemCorpus:
    """Read the songs under `root`; the `speaker` is the artist.

    Records: file (the mixture), speaker, frames (at 44.1 kHz), song, stems (joined by "+"; those
    that are none of vocals, drums and bass are part of "other").

    Raises:
        InputError: a folder or a mixture is missing.
    """
    root = Path(root)
    folders = sorted((root / "open_stems").glob("*/"))
    if not folders:
        raise InputError(
            f"{root / 'open_stems'}: {NAME} is not there; give DATA_DIR=<folder that holds "
            "open_stems/> or run `make data PROFILE=open DATA_DIR=<folder>`"
        )
    songs = {folder.name: stems_under(folder) for folder in folders}
    songs[Path(EXCERPT).name] = {
        name: root / f"{EXCERPT}.{name}.flac" for name in (*STEMS, MIXTURE)
    }
    records = pd.DataFrame([_record(root, *song) for song in songs.items()])
    by_file = {str(r.file): songs[r.song] for r in records.itertuples()}
    files = (path.relative_to(root).as_posix() for song in songs.values() for path in song.values())
    stems = partial(_read, by_file)
    return StemCorpus(
        NAME, root, records, LICENCE, RATE, stems=stems, sources=STEMS, parts=tuple(files)
    )


def stems_under(folder: Path) -> dict[str, Path]:
    """Stems and mixture of a song by their name."""
    return {path.stem: path for path in sorted(folder.glob("*.ogg"))}


def _record(root: Path, song: str, stems: dict[str, Path]) -> dict[str, object]:
    """Metadata of a song, as the records list it."""
    mixture = stems.get(MIXTURE)
    if mixture is None or not mixture.is_file():
        raise InputError(f"{root}: {song} lacks its mixture; run `make data PROFILE=open` again")
    frames, rate = published_size(mixture)
    artist = next((name for start, name in ARTISTS.items() if song.startswith(start)), song)
    return {
        "file": mixture.relative_to(root).as_posix(),
        "speaker": artist,
        "frames": frames * RATE // rate,
        "song": song,
        "stems": "+".join(name for name in stems if name != MIXTURE),
    }


def _read(songs: dict[str, dict[str, Path]], file: str, rate: int) -> Sources:
    """Sources of a song; one that it lacks is silent."""
    known = {name: path for name, path in songs[file].items() if name != MIXTURE}
    sounds = {name: audio.read(path, rate) for name, path in known.items()}
    samples = min(len(sound) for sound in sounds.values())
    sources = torch.zeros(len(STEMS), samples)
    for name, sound in sounds.items():
        row = STEMS.index(name if name in STEMS else "other")
        sources[row] += sound[:samples]
    return sources, STEMS
