"""Write environment.yml (conda) from pyproject.toml and the pins of requirements.lock."""

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PYTHON = "3.11"
HEADER = """\
# Written by `make lock` from pyproject.toml and requirements.lock: the direct dependencies with the
# lock's versions. conda env create -f environment.yml
name: earwitness
channels:
  - conda-forge
dependencies:
  - python={python}
  - make>=4.3
  - pip
  - pip:
"""


def pins(lock: str) -> dict[str, str]:
    """Name to version of every package that the lock has for `PYTHON` on Linux."""
    found = {}
    for line in re.findall(r"^[\w.-]+==.*$", lock, flags=re.MULTILINE):
        pin, _, marker = line.rstrip("\\ ").partition(";")
        here = {
            "python_version": PYTHON,
            "python_full_version": f"{PYTHON}.7",
            "sys_platform": "linux",
            "platform_machine": "x86_64",
        }
        if not marker or Marker(marker).evaluate(here):
            name, _, version = pin.strip().partition("==")
            found[name] = version
    return found


def direct(project: dict[str, Any]) -> list[str]:
    """Names of the direct dependencies, those of the extras included."""
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(entry for extra in extras for entry in extra)]
    return sorted({Requirement(entry).name.lower() for entry in listed})


def environment(root: Path = ROOT) -> str:
    """The text of environment.yml."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    locked = pins((root / "requirements.lock").read_text())
    lines = [f"      - {name}=={locked[name]}" for name in direct(project)]
    return HEADER.format(python=PYTHON) + "\n".join([*lines, "      - -e ."]) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment())
