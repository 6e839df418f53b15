"""Synthetic digits: AudioMNIST's speakers and file names, the project's own voices and evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.generated import begin, holds, read_evidence, write_table
from earwitness.corpora.labels import DIGITS, SEXES
from earwitness.errors import InputError
from earwitness.fingerprint import code_hash
from earwitness.sound import audio
from earwitness.synthesis.speech import Clip, synthesise
from earwitness.synthesis.voices import SPEAKERS, Speaker, speaker

NAME = "Synthetic digits"
LICENCE = "CC0 1.0"
README = """\
Synthetic digits
================
The digits 0 to 9 spoken by sixty invented voices, synthesised by earwitness (pulse train and
noise through moving formants); no person was recorded. Speaker ids, sexes and file names are
those of AudioMNIST, which this corpus stands in for and must not be called.

<speaker>/<digit>_<speaker>_<repetition>.flac   8 kHz, 16 bit, one channel
records.csv      file, digit, speaker, sex, repetition, frames (samples)
evidence.csv     file, label, onset_s, offset_s, low_hz, high_hz: where in time (from the start of
                 the file) and frequency the evidence for the digit and for the sex was planted
generator.json   the arguments that made it; the same arguments make it again

Licence: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)
"""


def generate(
    root: str | Path, repetitions: int, seed: int, speakers: Sequence[str] | None = None
) -> None:
    """Write the corpus in the prepared layout; do nothing if `root` holds it already.

    `records.csv` comes last, so a folder that has it is complete. An interrupted run leaves none
    and is finished by the next.

    Args:
        root: folder to write.
        repetitions: how often each speaker says each digit.
        seed: of voices and clips.
        speakers: ids from "01" to "60"; all of them unless given.

    Raises:
        InputError: `repetitions` is not positive, or there is no such speaker.
    """
    root = Path(root)
    arguments = _arguments(repetitions, seed, SPEAKERS if speakers is None else speakers)
    if holds(root, arguments):
        return
    voices = [speaker(identity, seed) for identity in arguments["speakers"]]
    begin(root, arguments, README)
    _write(root, list(product(voices, range(10), range(repetitions))), seed)


def load(
    root: str | Path, repetitions: int, seed: int, speakers: Sequence[str] | None = None
) -> Corpus:
    """Read the corpus under `root`, synthesising it first unless it is there (see `generate`).

    Raises:
        InputError: an argument of `generate` is wrong.
    """
    generate(root, repetitions, seed, speakers)
    return read_corpus(root, NAME, LICENCE, {"digit": DIGITS, "sex": SEXES})


def evidence(root: str | Path) -> pd.DataFrame:
    """The planted regions: file, label ("digit", "sex"), onset_s, offset_s, low_hz, high_hz.

    Raises:
        InputError: the corpus is not there or not complete.
    """
    return read_evidence(root, NAME)


def _arguments(repetitions: int, seed: int, speakers: Sequence[str]) -> dict[str, Any]:
    """What the corpus depends on, as `generator.json` keeps it; InputError if it would be empty."""
    if repetitions < 1 or not speakers:
        raise InputError(f"{NAME}: give at least one repetition and one speaker")
    source = code_hash(synthesise.__module__)
    voices = list(speakers)
    return {"repetitions": repetitions, "seed": seed, "speakers": voices, "source": source}


def _write(root: Path, utterances: list[tuple[Speaker, int, int]], seed: int) -> None:
    """Write every clip, then what is evident in them, then the records."""
    records: list[tuple[Any, ...]] = []
    regions: list[dict[str, Any]] = []
    for voice, digit, repetition in tqdm(utterances, f"synthesising {NAME}", disable=None):
        clip = synthesise(digit, voice, repetition, seed, audio.RATE)
        file = f"{voice.identity}/{digit}_{voice.identity}_{repetition}.flac"
        audio.write(root / file, torch.from_numpy(clip.wave))
        records.append((file, digit, voice.identity, voice.sex, repetition, len(clip.wave)))
        regions.extend(_rows(file, clip))
    write_table(root / "evidence.csv", pd.DataFrame(regions))
    columns = ["file", "digit", "speaker", "sex", "repetition", "frames"]
    write_table(root / "records.csv", pd.DataFrame(records, columns=columns))


def _rows(file: str, clip: Clip) -> Iterator[dict[str, Any]]:
    """The regions of a clip as rows of a table."""
    return ({"file": file, **asdict(region)} for region in clip.regions)
