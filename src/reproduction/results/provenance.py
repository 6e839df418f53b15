"""The last stage of a paper: write where its results come from, `provenance.json`."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from omegaconf import DictConfig

from earwitness.files import write_json
from reproduction import config, sweep
from reproduction.provenance import record
from reproduction.results.provenance_file import FILE


def main(cfg: DictConfig) -> None:
    """Write the provenance of a paper's results.

    Raises:
        InputError: a job is not finished.
    """
    sweep.require_finished(cfg)
    write(cfg, sweep.corpora(cfg), sweep.jobs(cfg))


def write(cfg: DictConfig, data: Mapping[str, Any], jobs: Iterable[sweep.Job]) -> None:
    """Write `provenance.json`: data, wall times of jobs, state of code and packages.

    Args:
        cfg: of the paper.
        data: what is recorded of each corpus, by study.
        jobs: all jobs behind the results; they must be finished.
    """
    content = record(cfg, dict(data), wall_times(jobs), sys.argv[1:])
    write_json(config.paper_folder(cfg, "results") / FILE, content)


def wall_times(jobs: Iterable[sweep.Job]) -> dict[str, float]:
    """Return how long each finished job took, in s, by its name `study/model/fold`."""
    seconds = {
        f"{job.study}/{job.model}/{job.fold}": json.loads((job.folder / sweep.DONE).read_text())[
            "seconds"
        ]
        for job in jobs
    }
    return {name: round(value, 1) for name, value in seconds.items()}
