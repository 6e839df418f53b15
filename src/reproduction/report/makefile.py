"""Variables of the make files of papers, `experiments/<paper>/targets.mk`."""

import re
from pathlib import Path


def variable(path: Path, name: str) -> list[str]:
    """Return the words of a variable that a make file sets by `:=`; none if it is not set."""
    setting = rf"^{re.escape(name)} :=((?:.*\\\n)*.*)$"
    match = re.search(setting, path.read_text(encoding="utf-8"), re.MULTILINE)
    return match[1].replace("\\\n", " ").split() if match else []
