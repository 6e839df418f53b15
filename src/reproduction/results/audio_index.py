"""What lists the explanations that can be listened to: names of the format, and its reader.

A folder `audio/` has a sound for each part of each explanation, a picture of each heat map, a pixel
a cell, and `index.json`. Each entry of that list has a `name`, says what is explained (`clip`,
`truth`, `model`, `method`, `target`), what the numbers are (`measure`), how long the sounds are
(`seconds`), how far some are raised (`octaves`), of each part its sound and numbers (`parts`), and
where the heat map lies: from when to when, and what its rows are (`map`).
`reproduction.results.listening` writes it.
"""

import json
from pathlib import Path
from typing import Any

from earwitness.errors import InputError

INDEX = "index.json"
PARTS = ("original", "heard", "rest")
"""The clip, what speaks for the answer, and what is left without it."""
MEASURES = ("probability", "rating")


def read(folder: Path) -> list[dict[str, Any]]:
    """The entries of `index.json`; none where there is no such file.

    Raises:
        InputError: the file is no list of explanations, or names files that are not there.
    """
    path = folder / INDEX
    if not path.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        files = [file for entry in entries for file in _files(entry)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: lists no explanations; make the figures again") from error
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise InputError(f"{path}: {missing[0]} is not there; make the figures again")
    return entries


def _files(entry: dict[str, Any]) -> list[str]:
    """Every file that an entry names."""
    parts = [entry["parts"][part] for part in PARTS]
    raised = [part["raised"] for part in parts if "raised" in part]
    return [entry["map"]["picture"], *(part["sound"] for part in parts), *raised]
