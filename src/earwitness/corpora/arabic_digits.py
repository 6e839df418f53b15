"""Digits of the Arabic Speech Commands Dataset: 1,500 recordings by 30 speakers."""

import re
from itertools import product
from pathlib import Path

import soundfile

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.labels import DIGITS
from earwitness.corpora.prepare import Item, complete, convert, describe
from earwitness.corpora.releases import Release

NAME = "Arabic digits"
COMMIT = "72f3438212ff6cf8fbe5ae8068361840646429bd"
REPOSITORY = "abdulkaderghandoura/arabic-speech-commands-dataset"
RELEASE = Release(
    folder="arabic_speech_commands_digits",
    url=f"https://github.com/{REPOSITORY}/archive/{COMMIT}.tar.gz",
    archive=f"arabic-speech-commands-dataset-{COMMIT}.tar.gz",
    commit=COMMIT,
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    citation="Ghandoura A, Hjabo F, Al Dakkak O. Building and Benchmarking an Arabic Speech "
    "Commands Dataset for Small-Footprint Keyword Spotting. Engineering Applications of "
    "Artificial Intelligence, 2021.",
)
KEYWORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPEAKERS = range(1, 31)
ROUNDS = range(1, 6)
SPLITS = ("train", "val", "test")
COLUMNS = [
    *("file", "digit", "speaker", "repetition", "frames"),
    *("original_split", "original_path", "original_samplerate"),
]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `digit`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    return read_corpus(root, NAME, RELEASE.licence, {"digit": DIGITS})


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `dataset/`).

    Raises:
        InputError: a recording is missing or cannot be read.
    """
    records = convert(_items(source), root)
    paths, splits = records.original_path, _splits(source)
    records["original_split"] = [splits.get(_contributor(path), "") for path in paths]
    records["original_samplerate"] = [soundfile.info(source / path).samplerate for path in paths]
    complete(root, records[COLUMNS], _readme())


def _items(source: Path) -> list[Item]:
    return [
        _item(source, speaker, digit, take)
        for speaker, digit, take in product(SPEAKERS, range(10), ROUNDS)
    ]


def _item(source: Path, speaker: int, digit: int, take: int) -> Item:
    original = f"dataset/{KEYWORDS[digit]}/{speaker:08d}_NO_{take:02d}.wav"
    return Item(
        source=source / original,
        file=f"{speaker:02d}/{digit}_{speaker:02d}_{take - 1}.flac",
        labels={
            "digit": digit,
            "speaker": f"{speaker:02d}",
            "repetition": take - 1,
            "original_path": original,
        },
    )


def _contributor(path: str) -> str:
    return Path(path).name[:8]


def _splits(source: Path) -> dict[str, str]:
    """Contributor to original split, of the tables in the release that list its recordings."""
    return {
        contributor: split
        for split in SPLITS
        for table in source.glob(f"{split}*.csv")
        for contributor in re.findall(r"(\d{8})_NO_\d\d\.wav", table.read_text("utf-8"))
    }


def _readme() -> str:
    return describe(
        "Arabic Speech Commands Dataset: digits zero to nine, 30 speakers, 5 recordings each",
        RELEASE,
        processing="rounds 1-5 of the 10 digit keywords; 16 kHz to 8 kHz (soxr VHQ), mono 16-bit "
        "FLAC, named {digit}_{speaker}_{repetition}, repetition = original round - 1",
        columns=", ".join(COLUMNS),
        note="no sex is published; changes made: subset, resampled, renamed",
    )
