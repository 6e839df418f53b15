"""The 360 film soundtracks with both kinds of ratings: emotions, and mid-level features.

Emotions are means of set 1 of Eerola and Vuoskoski (2011); the same excerpts are part of the
Mid-level Perceptual Features of Aljanaki and Soleymani (2018), whose tables say which they are.
File names and the columns that identify songs are those that public code of the authors'
institute reads. It takes the seven features by position; the names that it gives them are assumed
to head the table. The addresses are those that the Open Science Framework gives, and could not be
tried where this was written.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from pandas.api.types import is_numeric_dtype
from torch import Tensor

from earwitness.corpora.corpus import Corpus, read_corpus
from earwitness.corpora.prepare import Item, complete, convert, describe
from earwitness.corpora.ratings import EMOTIONS, MIDLEVEL
from earwitness.corpora.releases import Release, extract
from earwitness.errors import InputError
from earwitness.files import atomic
from earwitness.sound import audio

NAME = "Soundtracks, mid-level"
RATE = 22050
ANNOTATIONS = Release(
    folder="annotations",
    url="https://osf.io/download/4v3xh/",
    archive="metadata_annotations.zip",
    licence="see the release",
    licence_url="https://osf.io/5aupt/",
    citation="Aljanaki A, Soleymani M. A data-driven approach to mid-level perceptual musical "
    "feature modeling. ISMIR 2018.",
)
RELEASE = Release(
    folder="midlevel",
    url="https://files.osf.io/v1/resources/p6vkg/providers/osfstorage/?zip=",
    archive="soundtracks.zip",
    licence="for academic research",
    licence_url="https://osf.io/p6vkg/",
    citation="Eerola T, Vuoskoski JK. A comparison of the discrete and dimensional models of "
    f"emotion in music. Psychology of Music 39(1), 18-49, 2011. {ANNOTATIONS.citation}",
    also=(ANNOTATIONS,),
)
RATINGS = "mean_ratings_set1.csv"
AUDIO = "Set1"
"""Folder, and name of the archive, of the recordings: set 2 gives its own the same names."""
SUBSET = "soundtracks"
"""What the table of mid-level features calls the collection."""
SCALE = 10
"""Ratings are divided by it (the paper, section 4)."""
COLUMNS = ["file", "speaker", "frames", *MIDLEVEL, *EMOTIONS]


def load(root: str | Path) -> Corpus:
    """Read the prepared layout under `root`; ratings in (0, 1], the `speaker` is the artist.

    Raises:
        InputError: the layout is missing or incomplete.
    """
    corpus = read_corpus(root, NAME, RELEASE.licence, rate=RATE)
    records = corpus.records.set_index("file")
    _require(records, [*MIDLEVEL, *EMOTIONS], corpus.root / "records.csv")
    return corpus


def prepare(source: Path, root: Path) -> None:
    """Make the prepared layout under `root` of both releases, extracted somewhere in `source`.

    Raises:
        InputError: a table or a recording is missing, a table lacks a column, a song is in one of
            the tables alone, or a rating is outside the scale.
    """
    listed = ratings(source)
    recordings = _recordings(source, listed.number)
    items = [
        Item(recordings[row.number], f"{row.number:03d}.flac", {"speaker": row.speaker})
        for row in listed.itertuples()
    ]
    prepared = convert(items, root, _render, rate=RATE)
    listed["file"] = [f"{number:03d}.flac" for number in listed.number]
    records = prepared.merge(listed.drop(columns=["number", "speaker"]), on="file")
    complete(root, records[COLUMNS], _readme())


def ratings(source: Path) -> pd.DataFrame:
    """Both kinds of ratings of every song, divided by ten: number, speaker, the ratings.

    Raises:
        InputError: a table is missing or lacks a column, a song is in one of the tables alone, or
            a rating is outside the scale.
    """
    described = described_songs(source)
    felt = _table(source, RATINGS, ["number", *EMOTIONS])
    both = described.merge(felt[["number", *EMOTIONS]], on="number", how="outer", indicator=True)
    alone = both[both._merge != "both"]
    if len(alone):
        lacking = RATINGS if alone.iloc[0]._merge == "left_only" else "annotations.csv"
        raise InputError(
            f"{source}: song {alone.iloc[0].number} is not in {lacking} ({len(alone)} such songs); "
            "download both releases again"
        )
    both = both.drop(columns="_merge").sort_values("number")
    both[[*MIDLEVEL, *EMOTIONS]] /= SCALE
    _require(both.set_index("number"), [*MIDLEVEL, *EMOTIONS], source)
    return both


def described_songs(source: Path) -> pd.DataFrame:
    """The mid-level features of the soundtracks, with their number in the other release.

    Raises:
        InputError: a table is missing or lacks a column.
    """
    keys = ["song id", "Source", "ID at file source", "Artist"]
    songs = _table(source, "metadata.csv", keys, separator=";")
    songs = songs[songs.Source == SUBSET]
    rated = _table(source, "annotations.csv", ["song_id", *MIDLEVEL])
    both = songs.merge(rated, left_on="song id", right_on="song_id", validate="one_to_one")
    numbers = both["ID at file source"].astype(int)
    # Without an artist a song is a group of its own: an empty name would be read as no number.
    artists = both.Artist.fillna("song " + numbers.astype(str))
    both = both.assign(number=numbers, speaker=artists)
    return both[["number", "speaker", *MIDLEVEL]]


def _table(source: Path, name: str, columns: Sequence[str], separator: str = ",") -> pd.DataFrame:
    """A table of the release by its name, wherever it lies; names of columns without spaces."""
    path = next(iter(sorted(source.rglob(name))), None)
    if path is None:
        raise InputError(f"{source}: holds no {name}; give the folder of both releases")
    table = pd.read_csv(path, sep=separator).rename(columns=str.strip)
    missing = [column for column in columns if column not in table]
    if missing:
        raise InputError(f"{path}: lacks the column {missing[0]}; download the release again")
    for column in {*columns} & {*MIDLEVEL, *EMOTIONS}:
        if not is_numeric_dtype(table[column]):
            raise InputError(f"{path}: {column} holds text; save its numbers with decimal points")
    return table


def _recordings(source: Path, numbers: pd.Series) -> dict[int, Path]:
    """The file of each song, unpacked first if it is not yet."""
    packed = next(source.rglob(f"{AUDIO}.zip"), None)
    folder = source / AUDIO
    if packed and not any(source.rglob(f"{AUDIO}/*.mp3")):
        with atomic(folder) as temporary:
            extract(packed, temporary)
    there = {path.stem: path for path in sorted(source.rglob(f"{AUDIO}/*.mp3"))}
    return {number: there.get(f"{number:03d}", folder / f"{number:03d}.mp3") for number in numbers}


def _render(path: Path) -> Tensor:
    """Read a recording at `RATE` Hz, without zeros at its ends: `(samples,)`."""
    wave = audio.read(path, RATE)
    # Silence is no longer zero after resampling, but still is in the 16 bits that are kept.
    nonzero = torch.nonzero((wave * 2**15).round())[:, 0]
    return wave[nonzero[0] : nonzero[-1] + 1]


def _require(table: pd.DataFrame, columns: Sequence[str], where: Path) -> None:
    """Refuse ratings outside of (0, 1], naming the first song by the index."""
    for column in columns:
        if column not in table:
            raise InputError(f"{where}: lacks the column {column}; prepare {NAME} again")
        wrong = table[~table[column].between(0, 1, inclusive="right")]
        if len(wrong):
            raise InputError(
                f"{where}: {column} of song {wrong.index[0]} is {wrong.iloc[0][column]:.3g}, "
                f"not in (0, 1] after division by {SCALE}; download the release again"
            )


def _readme() -> str:
    return describe(
        "Soundtracks with emotions and mid-level features: 360 excerpts",
        RELEASE,
        processing="22.05 kHz (soxr VHQ), mono 16-bit FLAC, no zeros at the ends; ratings / 10",
        columns=", ".join(COLUMNS) + " (speaker: the artist; frames: samples at 22.05 kHz)",
        note=f"set 1 of {RELEASE.licence_url}; mid-level features of {ANNOTATIONS.licence_url}",
    )
