"""Where the results of a paper come from, as the report tells it: `provenance.json` and make."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from earwitness.errors import InputError


class Origin(NamedTuple):
    """What `provenance.json` says, how long all trainings took, and the data by their names."""

    told: dict[str, Any]
    minutes: float
    data: str

    def command(self, file: str, folder: str) -> str:
        """What makes one file of `folder`, with the settings that the results were made with."""
        _, _, *settings = self.told["command"].split(" ", 2)
        is_named = Path(folder).name in ("tables", "figures")
        target = f"{Path(folder).parent.name}/{file}" if is_named else f"{folder}/{file}"
        return " ".join(["make", target, *settings])


def read(path: Path) -> Origin:
    """Read `provenance.json`.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        names = {study["corpus"] for study in told["data"].values()}
        seconds = sum(told["wall_time_s"].values())
        return Origin(told, seconds / 60, ", ".join(sorted(names)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not readable; make the paper again") from error


def targets(path: Path, name: str) -> list[str]:
    """What a variable of a file for make lists."""
    setting = rf"^{re.escape(name)} :=((?:.*\\\n)*.*)$"
    found = re.search(setting, path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].replace("\\\n", " ").split() if found else []
