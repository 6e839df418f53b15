"""The last stage: where the results come from, `provenance.json`."""

import sys

from omegaconf import DictConfig

from earwitness.files import write_json
from experiments.baselines import measure
from reproduction import config, sweep
from reproduction.provenance import record
from reproduction.results.provenance import wall_times


def main(cfg: DictConfig) -> None:
    """Gather the papers' corpora, wall times of the jobs and the state of code and packages."""
    done = measure.jobs(cfg)
    sweep.require_finished(cfg, done)
    data = {
        f"{paper}/{study}": corpus
        for paper in cfg.networks
        for study, corpus in sweep.corpora(measure.paper_config(cfg, paper)).items()
    }
    found = record(cfg, data, wall_times(done), sys.argv[1:])
    write_json(config.paper_folder(cfg, "results") / "provenance.json", found)
