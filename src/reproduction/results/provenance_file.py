"""The file `provenance.json` of a paper's results: its name and its reader.

`reproduction.provenance.record` defines its content; `reproduction.results.provenance` writes it.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from earwitness.errors import InputError

FILE = "provenance.json"


class Provenance(NamedTuple):
    """What made the results of a paper.

    Attributes:
        record: content of `provenance.json`.
        minutes: wall time of all jobs.
        corpora: names of all corpora, separated by commas.
    """

    record: dict[str, Any]
    minutes: float
    corpora: str

    def command_for(self, path: Path) -> str:
        """Return the make command that makes one file, with the settings of these results."""
        _, _, *settings = self.record["command"].split(" ", 2)
        has_short_name = path.parent.name in ("tables", "figures")
        target = f"{path.parents[1].name}/{path.name}" if has_short_name else path.as_posix()
        return " ".join(["make", target, *settings])


def exists(folder: Path) -> bool:
    """Return whether `folder` holds results of a paper; their provenance is written last."""
    return (folder / FILE).is_file()


def read(folder: Path) -> Provenance:
    """Return the provenance of the results in `folder`.

    Raises:
        InputError: the file is missing or damaged.
    """
    path = folder / FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        names = {study["corpus"] for study in record["data"].values()}
        seconds = sum(record["wall_time_s"].values())
        return Provenance(record, seconds / 60, ", ".join(sorted(names)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: missing or damaged; make the paper again") from error
