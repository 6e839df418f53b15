"""What every test shares: one thread, and the root of the repository."""

from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run from the root of the repository, and so do tests."""
    monkeypatch.chdir(ROOT)
