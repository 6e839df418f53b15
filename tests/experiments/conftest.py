"""The tiny run that make has done, as the tests of each paper see it."""

from collections.abc import Callable

import pytest
from omegaconf import DictConfig

from reproduction import config
from tests.checkout import Checkout


@pytest.fixture(scope="session")
def tiny(made: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], DictConfig]:
    """Paper -> the configuration of its finished tiny run, with a folder for results of its own."""

    def compose(paper: str) -> DictConfig:
        results = tmp_path_factory.mktemp(paper)
        folders = [f"runs_dir={made.folder}/runs", f"results_dir={results}"]
        return config.compose([f"paper={paper}", "profile=tiny", "processes=1", *folders])

    return compose
