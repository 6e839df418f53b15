"""Synthetic hearts: recordings with true states, some with a murmur whose place is known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.generated import begin, holds, read_evidence, write_table
from earwitness.corpora.labels import DIAGNOSES
from earwitness.errors import InputError
from earwitness.fingerprint import code_hash
from earwitness.sound import audio
from earwitness.synthesis.heart import SHORTEST_S, Recording, synthesise
from earwitness.synthesis.subjects import Subject, subject

NAME = "Synthetic hearts"
RATE = 1000
LICENCE = "CC0 1.0"
README = """\
Synthetic hearts
================
Heart sounds synthesised by earwitness (damped tones for the valves, noise for murmurs, breath and
rubs); nobody was recorded, and nothing here is fit for diagnosis. Three invented stethoscopes
stand for databases; each has its own sound and its own share of abnormal subjects.

<database>/<subject>_<take>.flac   1 kHz, 16 bit, one channel
records.csv      file, speaker (the subject), database, diagnosis, murmur (none, systolic or
                 diastolic: all that makes a subject abnormal), frames (samples), rate_bpm
segments.csv     file, start_s, end_s, state: the true states, from end to end of each recording
                 (1 S1, 2 systole, 3 S2, 4 diastole)
evidence.csv     file, label, onset_s, offset_s, low_hz, high_hz: where in time (from the start of
                 the file) and frequency each murmur was planted
generator.json   the arguments that made it; the same arguments make it again

Licence: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)
"""


def generate(
    root: str | Path, subjects: int, seed: int, murmur_db: Sequence[float], seconds: float = 10.0
) -> None:
    """Write the corpus in the prepared layout; do nothing if `root` holds it already.

    `records.csv` comes last, so a folder that has it is complete. An interrupted run leaves none
    and is finished by the next.

    Args:
        root: folder to write.
        subjects: how many hearts; a third of them is recorded twice.
        seed: of subjects and recordings.
        murmur_db: softest and loudest murmur, in dB relative to the peak of S1.
        seconds: mean length of a recording.

    Raises:
        InputError: there is no subject, a range is empty, or the recordings are too short.
    """
    root = Path(root)
    arguments = _arguments(subjects, seed, murmur_db, seconds)
    if holds(root, arguments):
        return
    people = [subject(number, seed, (murmur_db[0], murmur_db[1])) for number in range(subjects)]
    begin(root, arguments, README)
    _write(root, [(person, take) for person in people for take in range(person.takes)], arguments)


def load(
    root: str | Path, subjects: int, seed: int, murmur_db: Sequence[float], seconds: float = 10.0
) -> Corpus:
    """Read the corpus under `root`, synthesising it first unless it is there (see `generate`).

    Raises:
        InputError: an argument of `generate` is wrong.
    """
    generate(root, subjects, seed, murmur_db, seconds)
    corpus = read_corpus(root, NAME, LICENCE, {"diagnosis": DIAGNOSES}, RATE)
    return replace(corpus, segments=pd.read_csv(corpus.root / "segments.csv"))


def evidence(root: str | Path) -> pd.DataFrame:
    """The murmurs: file, label ("diagnosis"), onset_s, offset_s, low_hz, high_hz.

    Raises:
        InputError: the corpus is not there or not complete.
    """
    return read_evidence(root, NAME)


def _arguments(
    subjects: int, seed: int, murmur_db: Sequence[float], seconds: float
) -> dict[str, Any]:
    """What the corpus depends on, as `generator.json` keeps it; InputError if it makes no sense."""
    if subjects < 1:
        raise InputError(f"{NAME}: give at least one subject")
    if len(murmur_db) != 2 or murmur_db[0] > murmur_db[1]:
        raise InputError(f"{NAME}: murmur_db is {murmur_db}; give the softest and the loudest")
    if seconds < SHORTEST_S:
        raise InputError(f"{NAME}: recordings of {seconds} s; give {SHORTEST_S} s or more")
    source = code_hash(synthesise.__module__)
    levels = list(map(float, murmur_db))
    return {
        "subjects": subjects,
        "seed": seed,
        "murmur_db": levels,
        "seconds": float(seconds),
        "source": source,
    }


def _write(root: Path, takes: list[tuple[Subject, int]], arguments: dict[str, Any]) -> None:
    """Write every recording, then murmurs and states, then the records."""
    records: list[dict[str, Any]] = []
    segments: list[tuple[Any, ...]] = []
    regions: list[tuple[Any, ...]] = []
    for person, take in tqdm(takes, f"synthesising {NAME}", disable=None):
        made = synthesise(person, take, arguments["seed"], arguments["seconds"], RATE)
        file = f"{person.stethoscope.name}/{person.identity}_{take}.flac"
        audio.write(root / file, torch.from_numpy(made.wave), RATE)
        records.append({"file": file, **_record(person, made)})
        segments.extend((file, *segment) for segment in made.beats.segments())
        regions.extend((file, *region) for region in _regions(person, made))
    bounds = ["onset_s", "offset_s", "low_hz", "high_hz"]
    write_table(root / "evidence.csv", pd.DataFrame(regions, columns=["file", "label", *bounds]))
    spans = ["file", "start_s", "end_s", "state"]
    write_table(root / "segments.csv", pd.DataFrame(segments, columns=spans))
    write_table(root / "records.csv", pd.DataFrame(records))


def _record(person: Subject, made: Recording) -> dict[str, Any]:
    """Metadata of a recording, as the records list it, without its file."""
    return {
        "speaker": person.identity,
        "database": person.stethoscope.name,
        "diagnosis": "normal" if person.murmur == "none" else "abnormal",
        "murmur": person.murmur,
        "frames": len(made.wave),
        "rate_bpm": round(made.beats.rate_bpm, 1),
    }


def _regions(person: Subject, made: Recording) -> Iterator[tuple[Any, ...]]:
    """The murmurs of a recording: label, onset and offset in s, lowest and highest Hz."""
    return (("diagnosis", *span, *person.murmur_hz) for span in made.murmurs.tolist())
