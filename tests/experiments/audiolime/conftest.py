"""The tiny run of the paper that make has done, with results of its own."""

import pytest
from omegaconf import DictConfig

from earwitness import config
from experiments.audiolime.tables import __main__ as tables
from tests.checkout import Checkout


@pytest.fixture(scope="session")
def run(made: Checkout, tmp_path_factory: pytest.TempPathFactory) -> DictConfig:
    """Configuration of a tiny run in which every job is done, explained and in the tables."""
    cfg = config.compose(
        [
            "paper=audiolime",
            "profile=tiny",
            "processes=1",
            f"runs_dir={made.folder}/runs",
            f"results_dir={tmp_path_factory.mktemp('audiolime')}",
        ]
    )
    tables.main(cfg)
    return cfg
