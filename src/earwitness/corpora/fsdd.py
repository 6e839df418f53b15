"""Free Spoken Digit Dataset: 3,000 English digits by six men."""

from itertools import product
from pathlib import Path

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.labels import DIGITS
from earwitness.corpora.prepare import Item, complete, convert, describe
from earwitness.corpora.releases import Release

NAME = "FSDD"
COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
RELEASE = Release(
    folder="fsdd",
    url=f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{COMMIT}.tar.gz",
    archive=f"free-spoken-digit-dataset-{COMMIT}.tar.gz",
    commit=COMMIT,
    size_mb=16,
    licence="CC BY-SA 4.0",
    licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
    citation="Jackson Z, Souza C, Flaks J, Pan Y, Nicolas H, Thite A. "
    "Jakobovski/free-spoken-digit-dataset, v1.0.8. Zenodo 2018.",
)
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
TAKES = 50
COLUMNS = ["file", "digit", "speaker", "index", "frames"]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `digit`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    return read_corpus(root, NAME, RELEASE.licence, {"digit": DIGITS})


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `recordings/`).

    Raises:
        InputError: a recording is missing or cannot be read.
    """
    complete(root, convert(_items(source), root)[COLUMNS], _readme())


def _items(source: Path) -> list[Item]:
    return [
        _item(source, speaker, digit, take)
        for speaker, digit, take in product(SPEAKERS, range(10), range(TAKES))
    ]


def _item(source: Path, speaker: str, digit: int, take: int) -> Item:
    name = f"{digit}_{speaker}_{take}"
    return Item(
        source=source / "recordings" / f"{name}.wav",
        file=f"{speaker}/{name}.flac",
        labels={"digit": digit, "speaker": speaker, "index": take},
    )


def _readme() -> str:
    return describe(
        "Free Spoken Digit Dataset: 3000 recordings, 6 speakers, digits 0-9, 50 each",
        RELEASE,
        processing="lossless, WAV to FLAC (8 kHz, mono, 16 bit), one folder a speaker",
        columns=", ".join(COLUMNS) + " (samples at 8 kHz)",
        note="all six speakers are men: of no use for the sex of a speaker",
    )
