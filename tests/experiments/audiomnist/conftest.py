"""The tiny run of the paper that make has done, and one that is still to be done."""

import json
from pathlib import Path

import pytest
from omegaconf import DictConfig

from reproduction import config, inventory
from tests.checkout import Checkout


def tiny(folder: Path) -> DictConfig:
    """The tiny profile with its runs and results under `folder`."""
    return config.compose(
        ["profile=tiny", f"runs_dir={folder}/runs", f"results_dir={folder}/results"]
    )


@pytest.fixture(scope="session")
def run(made: Checkout) -> DictConfig:
    """Configuration of the finished tiny run that make has left; every stage has run."""
    return tiny(made.folder)


@pytest.fixture
def fresh(tmp_path: Path) -> DictConfig:
    """A tiny configuration of which only the corpora are known."""
    cfg = tiny(tmp_path)
    inventory.main(cfg)
    path = config.paper_folder(cfg, "runs") / "corpora.json"
    assert json.loads(path.read_text()).keys() == set(cfg.studies)
    return cfg
