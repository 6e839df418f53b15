"""RAVDESS speech of normal intensity: 768 sentences by twelve women and twelve men."""

from itertools import product
from pathlib import Path

import pandas as pd
from torch import Tensor

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.labels import SEXES
from earwitness.corpora.prepare import Item, complete, convert, describe
from earwitness.corpora.releases import Release
from earwitness.corpora.silence import trim
from earwitness.sound import audio

NAME = "RAVDESS"
RELEASE = Release(
    folder="ravdess_speech",
    url="https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
    archive="Audio_Speech_Actors_01-24.zip",
    known_hash="md5:bc696df654c87fed845eb13823edef8a",
    size_mb=208,
    licence="CC BY-NC-SA 4.0",
    licence_url="https://creativecommons.org/licenses/by-nc-sa/4.0/",
    citation="Livingstone SR, Russo FA (2018) The Ryerson Audio-Visual Database of Emotional "
    "Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391.",
)
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
ACTORS = range(1, 25)
COLUMNS = [
    *("file", "actor", "sex", "emotion", "intensity"),
    *("statement", "repetition", "n_samples", "peak", "gain"),
]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `sex`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    return read_corpus(root, NAME, RELEASE.licence, {"sex": SEXES}, to_records=_renamed)


def _renamed(table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the prepared table the names that records of every corpus have."""
    return table.rename(columns={"actor": "speaker", "n_samples": "frames"})


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `Actor_01/` ...).

    Raises:
        InputError: a recording is missing or cannot be read.
    """
    records = convert(_items(source), root, render, measure)
    originals = [(source / file).with_suffix(".wav") for file in records.file]
    records["gain"] = [*map(_gain, originals, records.peak)]
    complete(root, records[COLUMNS], _readme())


def render(source: Path) -> Tensor:
    """A recording as `(samples,)`: channels averaged, at 8 kHz, silence at both ends trimmed."""
    return trim(audio.read(source), audio.RATE)


def measure(wave: Tensor) -> dict[str, float]:
    """Length in samples at 8 kHz, and peak, of `(samples,)`."""
    return {"n_samples": len(wave), "peak": round(float(wave.abs().max()), 4)}


def _gain(recording: Path, peak: float) -> float:
    """By how much a recording was scaled; only one that is now at full scale can have been."""
    if peak < 1.0:
        return 1.0
    return round(1 / max(1.0, float(render(recording).abs().max())), 4)


def _items(source: Path) -> list[Item]:
    parts = product(range(1, 9), range(1, 3), range(1, 3), ACTORS)
    return [_item(source, *part) for part in parts]


def _item(source: Path, emotion: int, statement: int, repetition: int, actor: int) -> Item:
    """A file of audio only (03), speech (01), of normal intensity (01), as its name tells."""
    name = f"03-01-{emotion:02d}-01-{statement:02d}-{repetition:02d}-{actor:02d}"
    folder = f"Actor_{actor:02d}"
    labels = {
        "actor": folder,
        "sex": "male" if actor % 2 else "female",
        "emotion": EMOTIONS[emotion - 1],
        "intensity": "normal",
        "statement": statement,
        "repetition": repetition,
    }
    return Item(source / folder / f"{name}.wav", f"{folder}/{name}.flac", labels)


def _readme() -> str:
    return describe(
        "RAVDESS emotional speech of normal intensity: 768 recordings, 24 actors, 8 kHz",
        RELEASE,
        processing="channels averaged; 48 kHz to 8 kHz (soxr VHQ); silence at both ends trimmed, "
        "100 ms kept; mono 16-bit FLAC; no normalisation of level, but a recording that overshoots "
        "full scale is scaled (gain < 1)",
        columns=", ".join(COLUMNS) + "; n_samples at 8 kHz; odd actors are men, even ones women",
        note="non-commercial; changes made: subset, resampled, trimmed",
    )
