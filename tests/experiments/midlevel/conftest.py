"""A tiny run of every stage that there is."""

from pathlib import Path

import pytest
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.corpora import inventory
from experiments.midlevel import explain
from experiments.midlevel.checks import cause, faithfulness
from experiments.midlevel.tables import __main__ as tables
from tests.checkout import ROOT
from tests.once import Once


@pytest.fixture(scope="session")
def run(once: Once) -> DictConfig:
    """Configuration of a tiny run in which every job is done, explained and in the tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return tiny(once("songs", lambda folder: make(tiny(folder))))


def tiny(folder: Path) -> DictConfig:
    """The tiny profile with its runs and results under `folder`."""
    return config.compose(
        [
            "paper=midlevel",
            "profile=tiny",
            f"runs_dir={folder}/runs",
            f"results_dir={folder}/results",
        ]
    )


def make(cfg: DictConfig) -> None:
    """Do every stage, the tables included."""
    inventory.main(cfg)
    for this in sweep.jobs(cfg):
        sweep.run_job(this, lambda job: sweep.work_of(cfg, job)(cfg, job))
        assert this.done() is not None, (this.folder / sweep.FAILED).read_text()
    explain.main(cfg)
    for check in (faithfulness, cause):
        check.main(cfg)
    tables.main(cfg)
