"""The last stage: where the results come from, `provenance.json`."""

from omegaconf import DictConfig

from experiments.baselines import measure
from reproduction import sweep
from reproduction.results import provenance


def main(cfg: DictConfig) -> None:
    """Gather the papers' corpora, wall times of the jobs and the state of code and packages."""
    done = measure.jobs(cfg)
    sweep.require_finished(cfg, done)
    data = {
        f"{paper}/{study}": corpus
        for paper in measure.compared_networks(cfg)
        for study, corpus in sweep.corpora(measure.paper_config(cfg, paper)).items()
    }
    provenance.write(cfg, data, done)
