"""The last stage of a paper: write where its results come from, `provenance.json`."""

import json
import sys
from collections.abc import Iterable

from omegaconf import DictConfig

from earwitness.files import write_json
from reproduction import config, sweep
from reproduction.provenance import record


def main(cfg: DictConfig) -> None:
    """Gather corpora, wall times of the trainings and the state of code and packages."""
    sweep.require_finished(cfg)
    found = record(cfg, sweep.corpora(cfg), wall_times(sweep.jobs(cfg)), sys.argv[1:])
    write_json(config.paper_folder(cfg, "results") / "provenance.json", found)


def wall_times(jobs: Iterable[sweep.Job]) -> dict[str, float]:
    """Seconds that each job took, by its name; all must be done."""
    seconds = {
        f"{job.study}/{job.model}/{job.fold}": json.loads((job.folder / sweep.DONE).read_text())[
            "seconds"
        ]
        for job in jobs
    }
    return {name: round(value, 1) for name, value in seconds.items()}
