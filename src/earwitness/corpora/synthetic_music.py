"""Synthetic songs: mid-level attributes that were chosen, and emotions that follow from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.generated import begin, holds, read_evidence, write_table
from earwitness.corpora.ratings import EMOTIONS, MIDLEVEL
from earwitness.errors import InputError
from earwitness.fingerprint import code_hash
from earwitness.sound import audio
from earwitness.synthesis.music import CHORDS_HZ, SOURCES, Song, synthesise

NAME = "Synthetic songs"
RATE = 22050
LICENCE = "CC0 1.0"
LOWEST, HIGHEST = 0.1, 1.0
"""Of the attributes: the range of the published ratings, divided by ten."""
MIDDLE = 0.5
"""Of every emotion, where all attributes are at the middle of their range."""
PRINTED = pd.DataFrame(
    {
        "valence": [-0.01, 0.19, -0.31, 0.06, 0.27, -0.04, 0.48],
        "energy": [-0.17, -0.26, 0.03, 0.04, 0.28, 0.44, 0.10],
        "tension": [0.47, 0.21, 0.05, -0.30, 0.38, 0.24, -0.36],
        "anger": [0.15, -0.19, 0.18, -0.21, 0.11, 0.25, -0.14],
        "fear": [0.28, 0.24, 0.57, -0.24, 0.11, 0.01, -0.39],
        "happy": [-0.41, 0.42, -0.46, -0.16, 0.37, 0.18, -0.01],
        "sad": [0.27, 0.10, -0.14, 0.36, 0.11, -0.54, 0.01],
        "tender": [-0.01, 0.37, 0.01, 0.08, -0.03, -0.20, 0.47],
    },
    index=list(MIDLEVEL),
)
"""Weights of a network trained jointly, mid-level features by emotions, as Chowdhury et al. (2019)
print them on their poster."""
PLANTED = 0.8 * PRINTED
"""Weights of attributes for emotions: somewhat less, so that these stay in the range of ratings."""
README = """\
Synthetic songs
===============
Music synthesised by earwitness in four sources (melody, chords, bass, drums). Seven attributes were
drawn for each song, independently of each other, and each changes one thing in one source. Emotions
are a known linear map of the attributes, plus noise: nobody rated anything.

songs/<number>.flac  22.05 kHz, 16 bit, one channel
records.csv      file, speaker and excerpt (the song), frames (samples), seed (of its notes), the
                 attributes (0.1 to 1), the emotions
evidence.csv     file, label (dissonance), onset_s, offset_s, low_hz, high_hz: the passage with what
                 is dissonant
generator.json   the arguments that made it; the same arguments make it again

Licence: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)
"""


def generate(
    root: str | Path, songs: int, seed: int, seconds: float = 10.2, noise: float = 0.05
) -> None:
    """Write the corpus in the prepared layout; do nothing if `root` holds it already.

    `records.csv` comes last, so a folder that has it is complete.

    Args:
        root: folder to write.
        songs: how many.
        seed: of attributes, notes and noise.
        seconds: length of a song.
        noise: standard deviation of what is added to each emotion.

    Raises:
        InputError: there is no song, or songs are too short.
    """
    root = Path(root)
    arguments = _arguments(songs, seed, seconds, noise)
    if holds(root, arguments):
        return
    begin(root, arguments, README)
    records = drawn(songs, seed, noise)
    rows = tqdm(records.to_dict("records"), f"synthesising {NAME}", disable=None)
    made = [_write(root, row, seconds) for row in rows]
    write_table(root / "evidence.csv", pd.DataFrame([region for _, region in made]))
    write_table(root / "records.csv", pd.DataFrame([record for record, _ in made]))


def _arguments(songs: int, seed: int, seconds: float, noise: float) -> dict[str, Any]:
    """Return what the corpus depends on; InputError if there is no song or songs are too short."""
    if songs < 1 or seconds < 1:
        raise InputError(f"{NAME}: {songs} songs of {seconds} s; give one or more, of 1 s or more")
    return {
        "songs": songs,
        "seed": seed,
        "seconds": float(seconds),
        "noise": float(noise),
        "source": code_hash(synthesise.__module__, __name__),
    }


def drawn(songs: int, seed: int, noise: float) -> pd.DataFrame:
    """Attributes and the emotions that follow, one row a song: what there is to synthesise."""
    random = np.random.default_rng(seed)
    attributes = random.uniform(LOWEST, HIGHEST, (songs, len(MIDLEVEL)))
    beyond = attributes - (LOWEST + HIGHEST) / 2
    emotions = MIDDLE + beyond @ PLANTED.to_numpy()
    emotions += random.normal(0, noise, emotions.shape)
    names = [f"{number:04d}" for number in range(songs)]
    identity = pd.DataFrame({"file": [f"songs/{name}.flac" for name in names], "speaker": names})
    identity["excerpt"] = [f"song/{name}" for name in names]
    identity["seed"] = random.integers(2**31, size=songs)
    tables = (attributes, MIDLEVEL), (emotions, EMOTIONS)
    ratings = [pd.DataFrame(values, columns=list(columns)) for values, columns in tables]
    return pd.concat([identity, *ratings], axis=1)


def load(
    root: str | Path, songs: int, seed: int, seconds: float = 10.2, noise: float = 0.05
) -> Corpus:
    """Read the corpus under `root`, synthesising it first unless it is there (see `generate`).

    Raises:
        InputError: an argument of `generate` is wrong.
    """
    generate(root, songs, seed, seconds, noise)
    return read_corpus(root, NAME, LICENCE, rate=RATE)


def evidence(root: str | Path) -> pd.DataFrame:
    """The dissonant passages: file, label, onset_s, offset_s, low_hz, high_hz.

    Raises:
        InputError: the corpus is not there or not complete.
    """
    return read_evidence(root, NAME)


def sources(corpus: Corpus, file: str) -> tuple[Tensor, tuple[str, ...]]:
    """The sources of a song `(sources, samples)`, which add up to it but for its 16 bits; names."""
    row = corpus.records[corpus.records.file == file].iloc[0].to_dict()
    song = _song(row, row["frames"] / RATE)
    return torch.from_numpy(song.stems), SOURCES


def _song(row: dict[str, Any], seconds: float) -> Song:
    """The song of a row of the records."""
    return synthesise({name: row[name] for name in MIDLEVEL}, row["seed"], seconds, RATE)


def _write(root: Path, row: dict[str, Any], seconds: float) -> tuple[dict[str, Any], ...]:
    """Write one song; its record and where it is dissonant."""
    # As the table keeps them, so that the song can be made again from the table.
    row = row | {name: round(row[name], 6) for name in (*MIDLEVEL, *EMOTIONS)}
    song = _song(row, seconds)
    audio.write(root / row["file"], torch.from_numpy(song.stems.sum(axis=0)), RATE)
    onset, offset = song.passage
    low, high = CHORDS_HZ
    region = {"file": row["file"], "label": "dissonance", "onset_s": onset, "offset_s": offset}
    return row | {"frames": song.stems.shape[1]}, region | {"low_hz": low, "high_hz": high}
