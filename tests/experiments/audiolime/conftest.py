"""A tiny run of every stage that there is."""

from pathlib import Path

import pytest
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.corpora import inventory
from experiments.audiolime import explain
from experiments.audiolime.checks import agreement, convergence, localisation
from experiments.audiolime.tables import __main__ as tables
from tests.checkout import ROOT


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> DictConfig:
    """Configuration of a tiny run in which every job is done, explained and in the tables."""
    folder: Path = tmp_path_factory.mktemp("audiolime")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        cfg = config.compose(
            [
                "paper=audiolime",
                "profile=tiny",
                "processes=1",
                f"runs_dir={folder}/runs",
                f"results_dir={folder}/results",
            ]
        )
        inventory.main(cfg)
        for this in sweep.jobs(cfg):
            sweep.run_job(this, lambda job: sweep.work_of(cfg, job)(cfg, job))
            assert this.done() is not None, (this.folder / sweep.FAILED).read_text()
        explain.main(cfg)
        for check in (convergence, agreement, localisation):
            check.main(cfg)
        tables.main(cfg)
    return cfg
