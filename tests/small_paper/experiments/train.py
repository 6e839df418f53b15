"""Learn to count, a number a step, kept as it goes."""

import time
from typing import Any

from omegaconf import DictConfig

from earwitness.files import write_text
from reproduction import sweep


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Count to the number of steps, from where an interrupted training has come."""
    path = job.folder / "learnt.txt"
    learnt = path.read_text().split() if path.is_file() else []
    for step in range(len(learnt), cfg.studies[job.study].steps[job.model]):
        time.sleep(0.02)
        learnt.append(str(step))
        write_text(path, "\n".join(learnt))
    return {"accuracy": 1.0}
