"""What stages import: make makes again what depends on a file, and it knows their order alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import ROOT

STAGES = ["jobs", "explain", "checks", "tables", "figures", "claims"]
"""In the order in which make runs them; modules beside them belong to all."""
PAPERS = sorted(path.parent for path in (ROOT / "experiments").glob("*/targets.mk"))


def imported(file: Path, package: str) -> Iterator[list[str]]:
    """Names below a package that a file imports, each by its parts."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{package}."):
            for alias in node.names:
                yield [*node.module.split(".")[2:], alias.name]


def stage_of(parts: list[str]) -> str:
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_stage_imports_only_from_stages_before_it(paper: Path) -> None:
    """Nor does a check from another check."""
    for file in paper.rglob("*.py"):
        own = stage_of(list(file.relative_to(paper).parts))
        for parts in imported(file, f"experiments.{paper.name}"):
            other = stage_of(parts)
            if own in STAGES and other in STAGES:
                assert STAGES.index(other) <= STAGES.index(own), f"{file} imports {other}"
            assert not own == other == "checks", f"{file} imports another check"
