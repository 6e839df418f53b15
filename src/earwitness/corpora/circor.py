"""CirCor DigiScope: phonocardiograms of children with every state of the heart annotated."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
from torch import Tensor
from tqdm import tqdm

from earwitness.corpora.annotations import COLUMNS as STATES
from earwitness.corpora.annotations import annotated, cropped, kept
from earwitness.corpora.checksums import holding, published_sums, verify
from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.labels import DIAGNOSES
from earwitness.corpora.prepare import Item, Labels, complete, convert, describe, published_size
from earwitness.corpora.releases import Release
from earwitness.errors import InputError
from earwitness.files import write_text
from earwitness.sound import audio

NAME = "CirCor"
RATE = 1000
RELEASE = Release(
    folder="circor",
    url="https://physionet.org/content/circor-heart-sound/get-zip/1.0.3/",
    archive="circor-heart-sound-1.0.3.zip",
    listed=True,
    size_mb=471,
    licence="ODC-By 1.0",
    licence_url="https://opendatacommons.org/licenses/by/1-0/",
    citation="Oliveira J et al. (2022) The CirCor DigiScope Dataset: From Murmur Detection to "
    "Murmur Classification. IEEE J Biomed Health Inform 26(6), 2524-2535. Goldberger A et al. "
    "(2000) PhysioBank, PhysioToolkit, and PhysioNet. Circulation 101(23), e215-e220.",
)
SUBJECT = {
    "Patient ID": "patient_id",
    "Age": "age",
    "Sex": "sex",
    "Murmur": "murmur",
    "Outcome": "outcome",
    "Campaign": "campaign",
    "Additional ID": "additional_id",
}
"""Columns of the release's table of subjects, and what the records call them."""
COLUMNS = [
    *("record", "patient_id", "location", "age", "sex", "murmur", "outcome", "campaign"),
    *("additional_id", "crop_start_s", "crop_duration_s", "frames", "source_duration_s"),
]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`: one recording of each of 942 subjects, and segments.

    `diagnosis` is the outcome of the whole examination. A subject who came in both campaigns is
    one `speaker`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    classes = {"diagnosis": DIAGNOSES}
    corpus = read_corpus(root, NAME, RELEASE.licence, classes, RATE, _to_records)
    return replace(corpus, segments=_segments(Path(root)))


def _to_records(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that every corpus of hearts has, and the subject's metadata."""
    metadata = table[["location", "age", "sex", "murmur"]].rename(columns={"sex": "subject_sex"})
    return metadata.assign(
        file="audio/" + table.record + ".flac",
        speaker=_subjects(table),
        database=table.campaign,
        diagnosis=table.outcome.str.lower(),
        frames=table.frames,
    )


def _subjects(table: pd.DataFrame) -> pd.Series:
    """Return the smaller of the numbers that a subject was given in the two campaigns."""
    first = table.patient_id.astype(int)
    again = table.additional_id.fillna(first).astype(int)
    return first.where(first < again, again).astype(str)


def _segments(root: Path) -> pd.DataFrame:
    """Every annotated state: file, start_s, end_s, state."""
    path = root / "segments.csv"
    if not path.is_file():
        raise InputError(f"{path}: not there; prepare {NAME} again")
    table = pd.read_csv(path)
    return table.assign(file="audio/" + table.record + ".flac").drop(columns="record")


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `training_data/`).

    Raises:
        InputError: a file is missing, cannot be read, or is not what was published, or a subject
            has no annotated recording.
    """
    folder = holding(source, "training_data.csv")
    copies = [folder / name for name in ("LICENSE.txt", "training_data.csv")]
    tracks = sorted((folder / "training_data").glob("*.tsv"))
    sums = published_sums(source)
    verify([*copies, *tracks], sums)
    subjects = pd.read_csv(folder / "training_data.csv", usecols=list(SUBJECT)).rename(
        columns=SUBJECT
    )
    chosen = _longest(tracks, subjects.patient_id)
    verify([track.with_suffix(".wav") for track in chosen], sums)
    items = [_item(track) for track in chosen]
    records = convert(items, root, _render, rate=RATE).merge(subjects, on="patient_id")
    records = records.sort_values("patient_id")
    for copy in copies:
        shutil.copyfile(copy, root / copy.name)
    segments = pd.concat([cropped(track).assign(record=track.stem) for track in chosen])
    write_text(root / "segments.csv", segments[["record", *STATES]].to_csv(index=False))
    others = ["segments.csv", *(copy.name for copy in copies)]
    complete(root, records[COLUMNS], _readme(), [*records.file, *others])


def _longest(tracks: list[Path], patients: pd.Series) -> list[Path]:
    """Of each patient the annotation that covers the longest time; of equals the first by name.

    Raises:
        InputError: a patient has no annotation.
    """
    lengths = pd.DataFrame(
        {
            "track": tracks,
            "patient": [int(track.stem.split("_")[0]) for track in tracks],
            "seconds": [annotated(track) for track in tqdm(tracks, NAME, disable=None)],
        }
    )
    lengths = lengths[lengths.seconds > 0].sort_values("seconds", ascending=False, kind="stable")
    best = lengths.drop_duplicates("patient").set_index("patient").track
    lost = set(patients) - set(best.index)
    if lost:
        raise InputError(
            f"training_data: subject {min(lost)} has no annotated recording; "
            "give the folder of the complete release"
        )
    return list(best[patients])


def _item(track: Path) -> Item:
    """A recording with the place on the chest and the times that the records list."""
    patient, location, *_ = track.stem.split("_")
    start, end = kept(track)
    wav = track.with_suffix(".wav")
    frames, rate = published_size(wav)
    labels: Labels = {
        "record": track.stem,
        "patient_id": int(patient),
        "location": location,
        "crop_start_s": round(start, 4),
        "crop_duration_s": round(end - start, 4),
        "source_duration_s": frames / rate,
    }
    return Item(wav, f"audio/{track.stem}.flac", labels)


def _render(wav: Path) -> Tensor:
    """The part of a recording that is kept: `(samples,)` at 1 kHz."""
    start, end = kept(wav.with_suffix(".tsv"))
    return audio.read(wav, RATE)[round(start * RATE) : round(end * RATE)]


def _readme() -> str:
    return describe(
        "CirCor DigiScope Phonocardiogram Dataset 1.0.3: 942 recordings with their states, 1 kHz",
        RELEASE,
        processing="of each subject the recording with the longest annotated time (ties by name); "
        "4 kHz to 1 kHz (soxr VHQ), cropped from the first to the last annotated state, at most "
        "30 s; mono 16-bit FLAC; a recording that overshoots full scale is scaled",
        columns=", ".join(COLUMNS) + " (samples at 1 kHz); segments.csv: record, start_s, end_s "
        "(from the start of the crop), state (1 S1, 2 systole, 3 S2, 4 diastole, 0 not told)",
        note="every file was compared with the release's own SHA256SUMS; training_data.csv is "
        "the release's table of subjects; changes made: subset, cropped, resampled",
    )
