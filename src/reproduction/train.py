"""Run the jobs of a paper as one Hydra multirun: skipped when done, resumed, named on failure.

`python -m reproduction.train [overrides]` is the training stage of every paper; a single job:
add `hydra.mode=RUN job=synthetic_digit/alexnet/0`. The work is done by the function `train` of the
paper's training module (or of a study's own); only the jobs import it.
"""

import importlib
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Any

import hydra
from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from earwitness.files import write_if_changed, write_json, write_text
from reproduction import config
from reproduction.sweep import (
    DONE,
    FAILED,
    Job,
    job,
    jobs,
    jobs_of,
    names_of,
    require_finished,
    train_module,
)

BEGUN = "begun.txt"
JOBS = "jobs.txt"
"""Fingerprints of all finished jobs of a paper, which later stages depend on."""


def levels(cfg: DictConfig) -> list[list[str]]:
    """Studies in the order in which they can be trained: each list after those before it.

    Raises:
        InputError: a study is after one that there is not, or after itself by a detour.
    """
    after = {study: set(settings.get("after", [])) for study, settings in cfg.studies.items()}
    for study, earlier in after.items():
        if unknown := earlier - after.keys():
            raise InputError(f"studies.{study}.after: {min(unknown)} is no study of this paper")
    sorter = TopologicalSorter(after)
    try:
        sorter.prepare()
    except CycleError as error:
        raise InputError(f"studies are after each other: {', '.join(error.args[1])}") from error
    ordered = []
    while ready := sorter.get_ready():
        ordered.append([study for study in after if study in ready])
        sorter.done(*ready)
    return ordered


def main() -> None:
    """Run the sweep that the command line composes.

    Raises:
        InputError: the configuration is wrong, corpora have no inventory yet, or jobs failed.
    """
    cfg = config.compose(sys.argv[1:])
    order = levels(cfg)
    jobs(cfg)
    if cfg.job:
        multirun()
        require_finished(cfg)
        return
    for studies in order:
        multirun(f"hydra.sweeper.params.job={names_of(cfg, *studies)!r}")
        require_finished(cfg, jobs_of(cfg, *studies))
    fingerprints = (f"{this.name} {this.fingerprint}\n" for this in jobs(cfg))
    write_if_changed(config.paper_folder(cfg, "runs") / JOBS, "".join(fingerprints))


def multirun(*overrides: str) -> None:
    """Let Hydra run the jobs that the command line composes with further overrides."""
    given = sys.argv
    sys.argv = [*given, *overrides]
    try:
        hydra.main(str(config.CONF.resolve()), "config", version_base="1.3")(one_job)()
    finally:
        sys.argv = given


def one_job(cfg: DictConfig) -> None:
    """Run the job `cfg.job` with the `train` function of its study's training module."""
    OmegaConf.resolve(cfg)  # as `config.compose` does, so that both see the same fingerprints
    this = job(cfg, cfg.job)
    work = work_of(cfg, this)
    run_job(this, lambda this: work(cfg, this))


def work_of(cfg: DictConfig, this: Job) -> Callable[[DictConfig, Job], dict[str, Any]]:
    """The `train` function that does a job."""
    train: Callable[[DictConfig, Job], dict[str, Any]]
    train = importlib.import_module(train_module(cfg, this.study)).train
    return train


def run_job(this: Job, work: Callable[[Job], dict[str, Any]]) -> None:
    """Do `work` unless it is done; keep the record of success or the reason of failure."""
    if this.done() is not None:
        print(f"{this.name}: done before", flush=True)
        return
    _begin(this)
    started = time.monotonic()
    try:
        outcome = work(this)
    except Exception as error:
        reason = str(error) if isinstance(error, InputError) else traceback.format_exc()
        write_text(this.folder / FAILED, f"{reason}\n")
        print(f"{this.name}: failed: {error}", file=sys.stderr, flush=True)
        return
    (this.folder / FAILED).unlink(missing_ok=True)
    seconds = time.monotonic() - started
    write_json(this.folder / DONE, {"fingerprint": this.fingerprint, "seconds": seconds} | outcome)
    print(f"{this.name}: {outcome} in {seconds:.0f} s", flush=True)


def _begin(this: Job) -> None:
    """Clear the folder of what another configuration, code or data left; keep our own start."""
    begun = this.folder / BEGUN
    if not begun.is_file() or begun.read_text() != this.fingerprint:
        shutil.rmtree(this.folder, ignore_errors=True)
        write_text(begun, this.fingerprint)


if __name__ == "__main__":
    # By its name, because jobs in other processes look the function up where it was defined.
    from reproduction import train

    config.guarded(train.main)
