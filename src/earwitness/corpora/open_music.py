"""Openly licensed music: 62 tracks of public repositories, and nine recordings for demonstrations.

Both lie under one folder, as `open_music/` (35 s from the middle of each track, with `tracks.csv`)
and `cc_music/`. What they are and where they come from is in the project's manifests.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.manifests import manifest
from earwitness.corpora.prepare import published_size
from earwitness.errors import InputError

NAME = "Open music"
FOLDERS = ("open_music", "cc_music")
RATE = 44100
LICENCE = "CC BY, CC BY-SA, CC BY-NC, CC BY-NC-SA or CC0, by track"


def load(root: str | Path, folders: Sequence[str] = FOLDERS) -> Corpus:
    """Read the tracks under `root`; the `speaker` is the artist.

    Records: file, speaker, frames (at 44.1 kHz), title, licence.

    Raises:
        InputError: a folder or a track of its manifest is missing.
    """
    records = pd.concat([_records(Path(root), folder) for folder in folders], ignore_index=True)
    return Corpus(NAME, Path(root), records, LICENCE, RATE)


def _records(root: Path, folder: str) -> pd.DataFrame:
    """The tracks of one folder, as its manifest lists them."""
    listed = manifest(folder)
    if not (root / folder).is_dir():
        raise InputError(
            f"{root / folder}: {NAME} is not there; give DATA_DIR=<folder that holds {folder}/> "
            "or run `make data PROFILE=open DATA_DIR=<folder>`"
        )
    files = folder + "/" + listed.file
    table = pd.DataFrame({"file": files, "speaker": listed.artist})
    sizes = [published_size(root / file) for file in files]
    table["frames"] = [frames * RATE // rate for frames, rate in sizes]
    return table.assign(title=listed.title, licence=listed.licence)
