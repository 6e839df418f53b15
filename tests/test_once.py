"""What all processes of the tests share: made by one, waited for by the others."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.once import Once


def test_who_asks_later_waits_for_what_is_made(tmp_path: Path) -> None:
    """Each with an object of its own, as processes have."""
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        folder.mkdir()
        time.sleep(0.2)
        (folder / "whole").touch()

    def ask(_: int) -> bool:
        return (Once(tmp_path)("run", make) / "whole").exists()

    with ThreadPoolExecutor(3) as asking:
        assert all(asking.map(ask, range(3)))
    assert made == [tmp_path / "run"]


def test_what_could_not_be_made_is_made_by_the_next(tmp_path: Path) -> None:
    once = Once(tmp_path)
    with pytest.raises(ZeroDivisionError):
        once("run", lambda folder: 1 / 0)
    once("run", Path.mkdir)
    assert (tmp_path / "run").is_dir()
