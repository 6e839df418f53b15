"""The index of the audible explanations of a paper, `audio/index.json`: its format and reader.

The folder `audio/` holds one sound per part of each explanation, one heat map per explanation (a
PNG with one pixel per cell) and `index.json`, a list with one entry per explanation:

- `name`; `clip`, `truth`, `model`, `method`, `target`: what is explained, and how;
- `measure`: "probability" or "rating", the quantity that the numbers of the parts are;
- `seconds`: duration of each sound; `octaves`: shift of the raised sounds, 0 if there are none;
- `parts`: file and number of each part in `PARTS`;
- `map`: picture of the heat map, its shape, its range in time (s) and the labels of its rows.

`reproduction.results.listening` writes it.
"""

import json
from pathlib import Path
from typing import Any

from earwitness.errors import InputError

INDEX = "index.json"
PARTS = ("original", "heard", "rest")
"""The clip; its part that supports the answer; the remainder without that part."""
MEASURES = ("probability", "rating")


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of `folder/index.json`; an empty list if there is no such file.

    Raises:
        InputError: the file is not an index of explanations, or it names missing files.
    """
    path = folder / INDEX
    if not path.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        files = [file for entry in entries for file in _files(entry)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not an index of explanations; make the figures again") from error
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise InputError(f"{path}: {missing[0]} is missing; make the figures again")
    return entries


def _files(entry: dict[str, Any]) -> list[str]:
    """Return the names of all files of an entry."""
    parts = [entry["parts"][part] for part in PARTS]
    raised = [part["raised"] for part in parts if "raised" in part]
    return [entry["map"]["picture"], *(part["sound"] for part in parts), *raised]
