"""One tiny run of every stage, shared by the tests of the stages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import DictConfig

from earwitness import config
from earwitness.corpora import inventory

STAGES = "explain", "judge", "tables", "figures", "claims"
MODULES = (
    "earwitness.corpora.inventory",
    "earwitness.sweep",
    *(f"experiments.audiomnist.{stage}" for stage in STAGES),
)


def tiny(folder: Path, *overrides: str) -> DictConfig:
    """The tiny profile with its runs and results under `folder`."""
    return config.compose(arguments(folder, *overrides))


def arguments(folder: Path, *overrides: str) -> list[str]:
    places = [f"runs_dir={folder}/runs", f"results_dir={folder}/results"]
    return ["profile=tiny", "hydra/launcher=sequence", *places, *overrides]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> DictConfig:
    """Configuration of a finished tiny run, made stage by stage as make does."""
    folder = tmp_path_factory.mktemp("audiomnist")
    root = Path(__file__).parents[3]
    for module in MODULES:
        command = [sys.executable, "-m", module, *arguments(folder)]
        subprocess.run(command, cwd=root, check=True, capture_output=True)
    return tiny(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> DictConfig:
    """A tiny configuration of which only the corpora are known."""
    cfg = tiny(tmp_path)
    inventory.main(cfg)
    path = config.paper_folder(cfg, "runs") / "corpora.json"
    assert json.loads(path.read_text()).keys() == set(cfg.studies)
    return cfg
