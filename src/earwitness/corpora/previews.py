"""A folder of the user's own recordings, such as previews of music that cannot be passed on."""

from pathlib import Path

import pandas as pd
import soundfile

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.prepare import published_size
from earwitness.errors import InputError

NAME = "Previews"
RATE = 44100
LICENCE = "the user's"


def load(root: str | Path, shortest_s: float = 0.0) -> Corpus:
    """Take every file under `root` for a recording; its folder, if it is in one, for the artist.

    Any format that libsndfile reads will do, at any rate, of one channel or more. Whether a
    recording is silent is found when it is read.

    Args:
        root: the folder.
        shortest_s: how long each has to be, in s: the longest input of a tagger.

    Raises:
        InputError: there is no folder or nothing in it, or a file is no recording or too short.
    """
    root = Path(root)
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name[0] != ".")
    if not files:
        raise InputError(f"{root}: holds no recordings; put the previews there, one file a track")
    return Corpus(
        NAME, root, pd.DataFrame([_record(root, file, shortest_s) for file in files]), LICENCE, RATE
    )


def _record(root: Path, file: Path, shortest_s: float) -> dict[str, object]:
    """Metadata of a file for the records; InputError if it is no recording or too short."""
    if file.suffix[1:].upper() not in {*soundfile.available_formats(), "AIF", "OPUS"}:
        raise InputError(f"{file}: not a recording; move it out of the folder")
    frames, rate = published_size(file)
    if frames < shortest_s * rate:
        raise InputError(
            f"{file}: {frames / rate:.1f} s long, shorter than the {shortest_s:g} s that a tagger "
            "hears; remove it, or choose a tagger of shorter clips"
        )
    name = file.relative_to(root)
    artist = name.parts[0] if len(name.parts) > 1 else name.stem
    return {"file": name.as_posix(), "speaker": artist, "frames": frames * RATE // rate}
