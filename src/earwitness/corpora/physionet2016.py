"""PhysioNet/CinC Challenge 2016, training set: 3,240 phonocardiograms, normal or abnormal."""

import shutil
from pathlib import Path

import pandas as pd
from torch import Tensor

from earwitness.corpora.checksums import Sums, holding, published_sums, verify
from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.labels import DIAGNOSES
from earwitness.corpora.prepare import Item, Labels, complete, convert, describe, published_size
from earwitness.corpora.releases import Release
from earwitness.errors import InputError
from earwitness.sound import audio

NAME = "PhysioNet 2016"
RATE = 1000
RELEASE = Release(
    folder="physionet2016",
    url="https://physionet.org/content/challenge-2016/get-zip/1.0.0/",
    archive="challenge-2016-1.0.0.zip",
    listed=True,
    size_mb=1061,
    licence="ODC-By 1.0",
    licence_url="https://opendatacommons.org/licenses/by/1-0/",
    citation="Liu C et al. (2016) An open access database for the evaluation of heart sound "
    "algorithms. Physiol Meas 37(12), 2181-2213. Goldberger A et al. (2000) PhysioBank, "
    "PhysioToolkit, and PhysioNet. Circulation 101(23), e215-e220.",
)
DATABASES = tuple("abcdef")
LABELS = {-1: DIAGNOSES[0], 1: DIAGNOSES[1]}
"""Published label -> diagnosis."""
COLUMNS = [
    *("record", "database", "label", "samplerate", "frames", "duration_s"),
    *("has_ecg_in_source", "header_comment", "sha256_of_source_wav"),
]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `diagnosis`; `database` is a to f.

    Which recordings are of the same patient is not published, so each is a `speaker` of its own.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    classes = {"diagnosis": DIAGNOSES}
    return read_corpus(root, NAME, RELEASE.licence, classes, RATE, _to_records)


def _to_records(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that every corpus of hearts has; `frames` at 1 kHz, not at the source's rate."""
    return pd.DataFrame(
        {
            "file": "training-" + table.database + "/" + table.record + ".flac",
            "speaker": table.record,
            "database": table.database,
            "diagnosis": table.label.map(LABELS),
            "frames": -(-table.frames * RATE // table.samplerate),
        }
    )


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `training-a/` ...).

    Raises:
        InputError: a file is missing, cannot be read, or is not what was published.
    """
    folder = holding(source, "training-a/REFERENCE.csv")
    sums = published_sums(source)
    references = [folder / f"training-{database}" / "REFERENCE.csv" for database in DATABASES]
    verify(references, sums)
    wavs = [wav for reference in references for wav in _wavs(reference)]
    verify([*wavs, *(wav.with_suffix(".hea") for wav in wavs)], sums)
    labels = pd.concat([_labels(reference) for reference in references])
    items = [_item(wav, int(labels[wav.stem]), sums) for wav in wavs]
    records = convert(items, root, _render, _measure_nothing, RATE)
    copies = [str(reference.relative_to(folder)) for reference in references]
    for reference, copy in zip(references, copies, strict=True):
        shutil.copyfile(reference, root / copy)
    complete(root, records[COLUMNS], _readme(), [*records.file, *copies])


def _labels(reference: Path) -> pd.Series:
    """The label of each record in a list of them: 1 is abnormal, -1 normal."""
    return pd.read_csv(reference, names=["record", "label"], index_col="record").label


def _wavs(reference: Path) -> list[Path]:
    return [reference.with_name(f"{record}.wav") for record in _labels(reference).index]


def _item(wav: Path, label: int, sums: Sums) -> Item:
    """A recording with its metadata, at the rate it was published at."""
    database = wav.parent.name.removeprefix("training-")
    frames, rate = published_size(wav)
    labels: Labels = {
        "record": wav.stem,
        "database": database,
        "label": label,
        "samplerate": rate,
        "frames": frames,
        "duration_s": frames / rate,
        "has_ecg_in_source": wav.with_suffix(".dat").is_file(),
        "header_comment": _comment(wav.with_suffix(".hea")),
        "sha256_of_source_wav": sums[wav],
    }
    return Item(wav, f"training-{database}/{wav.stem}.flac", labels)


def _comment(header: Path) -> str:
    """The diagnosis that a header file ends with, in a line of its own."""
    comments = [line for line in header.read_text("utf-8").splitlines() if line.startswith("#")]
    if not comments:
        raise InputError(f"{header}: has no line with the diagnosis; fetch this file again")
    return comments[-1].lstrip("# ")


def _render(source: Path) -> Tensor:
    return audio.read(source, RATE)


def _measure_nothing(wave: Tensor) -> dict[str, float]:
    """The records count frames at the source's rate, before resampling."""
    return {}


def _readme() -> str:
    return describe(
        "PhysioNet/CinC Challenge 2016, training set: 3240 phonocardiograms, databases a-f, 1 kHz",
        RELEASE,
        processing="2 kHz to 1 kHz (soxr VHQ), mono 16-bit FLAC; nothing filtered or dropped; a "
        "recording that overshoots full scale is scaled; the ECG of database a is left out",
        columns=", ".join(COLUMNS) + "; label 1 abnormal, -1 normal; samplerate and frames (in "
        "samples) of the recording as published",
        note="every file was compared with the release's own SHA256SUMS; patients are not told",
    )
