"""The tiny comparison that make has done, with results of its own."""

import pandas as pd
import pytest
from omegaconf import DictConfig

from earwitness import config
from experiments.baselines import measure, tables
from tests.checkout import Checkout


@pytest.fixture(scope="session")
def run(made: Checkout, tmp_path_factory: pytest.TempPathFactory) -> DictConfig:
    """Configuration of a tiny run in which every network is measured and in the tables."""
    cfg = config.compose(
        [
            "paper=baselines",
            "profile=tiny",
            "processes=1",
            f"runs_dir={made.folder}/runs",
            f"results_dir={tmp_path_factory.mktemp('baselines')}",
        ]
    )
    tables.main(cfg)
    return cfg


@pytest.fixture(scope="session")
def measured(run: DictConfig) -> pd.DataFrame:
    """The rows of every job."""
    return measure.read(run)
