"""What figures look like inside."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every figure that the test saves, in order; each is also written."""
    saved: list[Figure] = []
    save = Figure.savefig

    def savefig(figure: Figure, path: Path) -> None:
        saved.append(figure)
        save(figure, path)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return saved
