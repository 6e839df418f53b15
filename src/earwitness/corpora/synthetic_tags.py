"""Synthetic songs whose tags have a known cause: one source, during one passage."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from earwitness.corpora.corpus import read_records
from earwitness.corpora.generated import begin, holds, read_evidence, write_table
from earwitness.corpora.stems import Sources, StemCorpus
from earwitness.errors import InputError
from earwitness.fingerprint import code_hash
from earwitness.sound import audio
from earwitness.synthesis.music import HEARD_IN, SOURCES, Passage, synthesise

NAME = "Synthetic songs with tags"
RATE = 16000
LICENCE = "CC0 1.0"
SAMPLES = 59049
"""Length of a song: the input of SampleCNN."""
SEGMENTS = 9
"""Of a song; passages begin and end between them."""
LENGTH = 3
"""Of a passage, in segments."""
FADE_S = 0.02
"""In which a source changes its manner, in s."""
CAUSES = {
    "distorted melody": "melody",
    "bright chords": "chords",
    "staccato bass": "bass",
    "busy drums": "drums",
}
"""Tag -> the source that has it."""
TAGS = tuple(CAUSES)
PLAIN = {"dissonance": 0.0, "articulation": 0.1, "rhythm_complexity": 0.0}
SPECIAL = {"articulation": 1.0, "rhythm_complexity": 1.0}
"""Attributes of playing styles; each belongs to a source of its own, the one of a tag."""
DRIVE = 20.0
"""Of the distortion of a melody."""
LOUDNESS = {"melody": 0.035, "chords": 0.035, "bass": 0.035, "drums": 0.03}
"""Root mean square of each source at its loudest."""
README = """\
Synthetic songs with tags
=========================
Music synthesised by earwitness in four sources (melody, chords, bass, drums), 3.7 s a song. A song
has a tag if one source plays in another manner during one passage, as loud as in its own manner.
Every source has rests, and some songs begin or end in silence.

songs/<number>.flac  16 kHz, 16 bit, one channel
records.csv      file, speaker (the song), frames (samples), seed (of its notes), and 1 or 0 for
                 each tag
evidence.csv     file, label (the tag), source, onset_s, offset_s, low_hz, high_hz: what causes it
generator.json   the arguments that made it; the same arguments make it again

Licence: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)
"""


def generate(root: str | Path, songs: int, seed: int) -> None:
    """Write the corpus in the prepared layout; do nothing if `root` holds it already.

    `records.csv` comes last, so a folder that has it is complete.

    Raises:
        InputError: there is no song.
    """
    root = Path(root)
    if songs < 1:
        raise InputError(f"{NAME}: {songs} songs; give one or more")
    source = code_hash(synthesise.__module__, __name__)
    arguments = {"songs": songs, "seed": seed, "source": source}
    if holds(root, arguments):
        return
    begin(root, arguments, README)
    records, regions = drawn(songs, seed), []
    for row in tqdm(records.to_dict("records"), f"synthesising {NAME}", disable=None):
        stems, passages = song(row)
        audio.write(root / row["file"], torch.from_numpy(stems.sum(axis=0)), RATE)
        regions += [_region(row["file"], tag, passage) for tag, passage in passages.items()]
    write_table(root / "evidence.csv", pd.DataFrame(regions))
    write_table(root / "records.csv", records)


def load(root: str | Path, songs: int, seed: int) -> StemCorpus:
    """Read the corpus under `root`, synthesising it first unless it is there (see `generate`).

    Raises:
        InputError: an argument of `generate` is wrong.
    """
    generate(root, songs, seed)
    records = read_records(root, NAME)
    stems = partial(_stems, records)
    return StemCorpus(NAME, Path(root), records, LICENCE, RATE, stems=stems, sources=SOURCES)


def evidence(root: str | Path) -> pd.DataFrame:
    """What causes each tag: file, label, source, onset_s, offset_s, low_hz, high_hz.

    Raises:
        InputError: the corpus is not there or not complete.
    """
    return read_evidence(root, NAME)


def drawn(songs: int, seed: int) -> pd.DataFrame:
    """What there is to synthesise: each tag in half of the songs, but no song without any."""
    random = np.random.default_rng(seed)
    tags = random.integers(2, size=(songs, len(TAGS)))
    bare = tags.sum(axis=1) == 0
    tags[bare, random.integers(len(TAGS), size=bare.sum())] = 1
    names = [f"{number:04d}" for number in range(songs)]
    table = pd.DataFrame({"file": [f"songs/{name}.flac" for name in names], "speaker": names})
    table = table.assign(frames=SAMPLES, seed=random.integers(2**31, size=songs))
    return pd.concat([table, pd.DataFrame(tags, columns=list(TAGS))], axis=1)


def song(row: dict[str, Any]) -> tuple[np.ndarray, dict[str, Passage]]:
    """Stems `(sources, samples)` of a row of `drawn`; of each tag it has, the passage, in s.

    Every source fades to another level and back for a passage, with its tag or without, so that
    nothing but the manner of playing tells the tag.
    """
    random = np.random.default_rng(row["seed"])
    shared = {name: float(random.uniform(0.2, 0.8)) for name in HEARD_IN} | PLAIN
    seed, seconds = int(random.integers(2**31)), SAMPLES / RATE
    never, always = (0.0, 0.0), (0.0, seconds)
    plain = synthesise(shared, seed, seconds, RATE, (never, never)).stems
    # Chords are brighter where they are denser: with octaves and fifths.
    special = synthesise(shared | SPECIAL, seed, seconds, RATE, (never, always)).stems
    melody = SOURCES.index("melody")
    special[melody] = np.tanh(DRIVE * plain[melody] / np.abs(plain[melody]).max())
    passages: dict[str, Passage] = {}
    stems, firsts = np.empty_like(plain), np.zeros(len(SOURCES), dtype=int)
    for tag, source in CAUSES.items():
        place, first = SOURCES.index(source), int(random.integers(1, SEGMENTS - LENGTH))
        firsts[place] = first
        passage = first / SEGMENTS * seconds, (first + LENGTH) / SEGMENTS * seconds
        inside = _inside(passage)
        played = special[place] if row[tag] else plain[place]
        level = _loudness(plain[place]) / _loudness(played * inside) * np.sqrt(inside.mean())
        stems[place] = (1 - inside) * plain[place] + level * inside * played
        stems[place] *= random.uniform(0.6, 1.0) * LOUDNESS[source] / _loudness(plain[place])
        if row[tag]:
            passages[tag] = passage
    return stems * _playing(random, firsts), passages


def _inside(passage: Passage) -> np.ndarray:
    """1 in a passage, 0 outside, and a short fade between `(samples,)`."""
    time = np.arange(SAMPLES) / RATE
    begin, end = passage
    return np.clip(np.minimum(time - begin, end - time) / FADE_S + 0.5, 0, 1)


def _playing(random: np.random.Generator, firsts: np.ndarray) -> np.ndarray:
    """0 where a source `(sources, samples)` rests, 1 where it plays, as in its passage.

    Passages begin with the segments `firsts`. A tagger that has never heard a rest takes whatever
    is switched off for something new.
    """
    playing = np.ones((len(firsts), SEGMENTS))
    for source, first in zip(playing, firsts, strict=True):
        begin = int(random.integers(SEGMENTS))
        source[begin : begin + int(random.integers(2 * LENGTH))] = 0
        source[first : first + LENGTH] = 1
    playing[:, : int(random.integers(2))] = 0
    playing[:, SEGMENTS - int(random.integers(2)) :] = 0
    return playing[:, np.arange(SAMPLES) * SEGMENTS // SAMPLES]


def _loudness(sound: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def _stems(records: pd.DataFrame, file: str, rate: int) -> Sources:
    """Sources of a song, which add up to it but for its 16 bits."""
    if rate != RATE:
        raise InputError(f"{NAME}: stems are at {RATE} Hz, not {rate}")
    stems, _ = song(records[records.file == file].iloc[0].to_dict())
    return torch.from_numpy(stems.astype(np.float32)), SOURCES


def _region(file: str, tag: str, passage: Passage) -> dict[str, Any]:
    """Where and in which source the evidence of a tag lies."""
    onset, offset = passage
    bounds = {"onset_s": onset, "offset_s": offset, "low_hz": 0.0, "high_hz": RATE / 2}
    return {"file": file, "label": tag, "source": CAUSES[tag]} | bounds
