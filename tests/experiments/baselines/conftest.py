"""The tiny comparison that make has done."""

from collections.abc import Callable

import pandas as pd
import pytest
from omegaconf import DictConfig

from experiments.baselines import measure, tables


@pytest.fixture(scope="session")
def run(tiny: Callable[[str], DictConfig]) -> DictConfig:
    """Configuration of a tiny run in which every network is measured and in the tables."""
    cfg = tiny("baselines")
    tables.main(cfg)
    return cfg


@pytest.fixture(scope="session")
def measured(run: DictConfig) -> pd.DataFrame:
    """The rows of every job."""
    return measure.read(run)
