"""AudioMNIST: 30,000 English digits by 60 speakers (Becker et al., 2018)."""

import re
from itertools import product
from pathlib import Path

from earwitness.corpora.corpus import Classes, Corpus, read_corpus
from earwitness.corpora.labels import DIGITS, SEXES
from earwitness.corpora.prepare import Item, complete, convert, describe
from earwitness.corpora.releases import Release
from earwitness.errors import InputError

NAME = "AudioMNIST"
# Its ancestors lack the recordings of some speakers, 6c5eb77 those of 17, 22 and 34.
COMMIT = "630d7dab4c040882834de6fa21baf9a60372accd"
RELEASE = Release(
    folder="audiomnist",
    url=f"https://github.com/soerenab/AudioMNIST/archive/{COMMIT}.tar.gz",
    archive=f"AudioMNIST-{COMMIT}.tar.gz",
    commit=COMMIT,
    licence="MIT",
    licence_url="https://github.com/soerenab/AudioMNIST/blob/master/LICENSE",
    citation="Becker S, Ackermann M, Lapuschkin S, Mueller K-R, Samek W. Interpreting and "
    "Explaining Deep Neural Networks for Classification of Audio Signals. arXiv:1807.03418.",
)
SPEAKERS = tuple(f"{number:02d}" for number in range(1, 61))
WOMEN = ("12", "26", "28", "36", "43", "47", "52", "56", "57", "58", "59", "60")
TAKES = 50
CLASSES: Classes = {"digit": DIGITS, "sex": SEXES}
"""Classes of each label."""
COLUMNS = ["file", "digit", "speaker", "repetition", "sex", "frames"]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; labels: `digit`, `sex`.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    return read_corpus(root, NAME, RELEASE.licence, CLASSES)


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of the release in `source` (with `data/`).

    Raises:
        InputError: a recording is missing or cannot be read, or the release's own table
            of speakers contradicts the sexes that Becker et al. used.
    """
    _check_sexes(source / "data" / "audioMNIST_meta.txt")
    complete(root, convert(_items(source), root)[COLUMNS], _readme())


def sex_of(speaker: str) -> str:
    """`female` or `male`, by the ids that the code of Becker et al. lists."""
    return "female" if speaker in WOMEN else "male"


def _items(source: Path) -> list[Item]:
    return [
        _item(source, speaker, digit, take)
        for speaker, digit, take in product(SPEAKERS, range(10), range(TAKES))
    ]


def _item(source: Path, speaker: str, digit: int, take: int) -> Item:
    name = f"{digit}_{speaker}_{take}"
    return Item(
        source=source / "data" / speaker / f"{name}.wav",
        file=f"{speaker}/{name}.flac",
        labels={"digit": digit, "speaker": speaker, "repetition": take, "sex": sex_of(speaker)},
    )


def _check_sexes(meta: Path) -> None:
    """Compare with the release's table of speakers, of which some versions lack a few."""
    text = meta.read_text("utf-8") if meta.is_file() else ""
    for speaker, sex in re.findall(r'"(\d\d)":\s*\{[^}]*"gender":\s*"(\w+)"', text):
        if sex != sex_of(speaker):
            raise InputError(
                f"{meta}: speaker {speaker} is {sex} there but {sex_of(speaker)} in the published "
                "splits; use the release at the commit given in its address"
            )


def _readme() -> str:
    return describe(
        "AudioMNIST: 30000 recordings, 60 speakers (12 women, 48 men), digits 0-9, 50 each",
        RELEASE,
        processing="48 kHz to 8 kHz (soxr VHQ), mono 16-bit FLAC, original names",
        columns=", ".join(COLUMNS) + " (samples at 8 kHz)",
        note="sex by the ids in the code of Becker et al.; 3_36_20 and 3_36_29 are copies of "
        "3_36_19 and 3_36_28, as the release's own notes say",
    )
