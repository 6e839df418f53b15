"""The tiny run of the paper that make has done."""

from collections.abc import Callable

import pytest
from omegaconf import DictConfig

from experiments.midlevel.tables import __main__ as tables


@pytest.fixture(scope="session")
def run(tiny: Callable[[str], DictConfig]) -> DictConfig:
    """Configuration of a tiny run in which every job is done, explained and in the tables."""
    cfg = tiny("midlevel")
    tables.main(cfg)
    return cfg
