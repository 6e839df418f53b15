"""Folds x models x studies as one Hydra multirun: skipped when done, resumed, named on failure.

`python -m reproduction.sweep [overrides]` is the training stage of every paper; one job
by hand: add `hydra.mode=RUN job=synthetic_digit/alexnet/0`. The work itself is the function `train` of the
paper's training module (or of a study's own), and only the jobs import it. A study that builds on
others names them in `after`: it is begun when these are done, and done again when they are.
"""

import importlib
import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import hydra
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from earwitness.files import write_json, write_text
from reproduction import config
from reproduction.provenance import code_hash, config_hash, package_versions, targets

PREDICTIONS = "predictions.csv"
DONE = "done.json"
FAILED = "failed.txt"
BEGUN = "begun.txt"
ELSEWHERE = ("corpus", "folds", "steps", "models", "after")
"""Keys of a study of which a job's fingerprint has what concerns the job, by other ways."""


@dataclass(frozen=True)
class Job:
    """One training of a sweep: its place in the configuration and its folder."""

    study: str
    model: str
    fold: int
    folder: Path
    fingerprint: str

    def done(self) -> dict[str, Any] | None:
        """What the finished job recorded, or None if it must run (again)."""
        try:
            record: dict[str, Any] = json.loads((self.folder / DONE).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return record if record["fingerprint"] == self.fingerprint else None


def job(cfg: DictConfig, name: str) -> Job:
    """The job `study/model/fold`; its fingerprint covers configuration, data, code and packages.

    Raises:
        InputError: there is no such job, or its corpus was not found yet.
    """
    study, model, fold = _parts(cfg, name)
    settings = cfg.studies[study]
    found = corpora(cfg)
    if study not in found:
        raise InputError(f"study {study}: its corpus was not looked for; run the data stage again")
    own = OmegaConf.masked_copy(settings, [key for key in settings if key not in ELSEWHERE])
    parts = own, settings.steps.get(model), cfg.models[model]
    circumstances = str(fold), cfg.seed, cfg.threads, found[study]["hash"], package_versions()
    code = code_hash(train_module(cfg, study), *targets(cfg.models[model]))
    before = [this.fingerprint for this in jobs_before(cfg, study)]
    return Job(
        study=study,
        model=model,
        fold=fold,
        folder=config.paper_folder(cfg, "runs") / "jobs" / name,
        fingerprint=config_hash(*parts, *circumstances, *before) + code,
    )


def train_module(cfg: DictConfig, study: str) -> str:
    """The module whose `train` does the jobs of a study: its own or the paper's."""
    module: str = cfg.studies[study].get("train_module") or cfg.paper.train_module
    return module


def _parts(cfg: DictConfig, name: str) -> tuple[str, str, int]:
    """Study, model and fold of `study/model/fold`; a fold that is not swept may be run by hand."""
    study, _, rest = name.partition("/")
    model, _, fold = rest.partition("/")
    if study not in cfg.studies or model not in cfg.models or not fold.isdecimal():
        raise InputError(
            f"job {name}: not <study>/<model>/<fold> with one of the studies "
            f"{', '.join(cfg.studies)} and of the models {', '.join(cfg.models)}"
        )
    return study, model, int(fold)


def jobs(cfg: DictConfig) -> list[Job]:
    """Every job of a paper in the order of its sweep, or the one that `cfg.job` names."""
    if cfg.job:
        return [job(cfg, cfg.job)]
    return jobs_of(cfg, *cfg.studies)


def jobs_of(cfg: DictConfig, *studies: str) -> list[Job]:
    """Every job of some studies, in the order of the sweep."""
    return [job(cfg, name) for name in names_of(cfg, *studies).split(",") if name]


def names_of(cfg: DictConfig, *studies: str) -> str:
    """Comma-separated names of every job of some studies."""
    return config.job_names({study: cfg.studies[study] for study in studies}, cfg.models)


def jobs_before(cfg: DictConfig, study: str) -> list[Job]:
    """The jobs whose results those of a study build on: of the studies that it is `after`."""
    return jobs_of(cfg, *cfg.studies[study].get("after", []))


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
    found = []
    while ready := sorter.get_ready():
        found.append([study for study in after if study in ready])
        sorter.done(*ready)
    return found


def corpora(cfg: DictConfig) -> dict[str, dict[str, Any]]:
    """What the data stage found of each study's corpus: name, licence, counts and hash.

    Raises:
        InputError: the data stage has not run.
    """
    path = config.paper_folder(cfg, "runs") / "corpora.json"
    if not path.is_file():
        raise InputError(f"{path}: not there; run the data stage (make does) first")
    found: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return found


def corpus_names(cfg: DictConfig) -> dict[str, str]:
    """What tables and captions call the corpus of each study."""
    return {study: entry["corpus"] for study, entry in corpora(cfg).items()}


def main() -> None:
    """Run the sweep that the command line composes.

    Raises:
        InputError: the configuration is wrong, the corpora were not found yet, or jobs failed.
    """
    cfg = config.compose(sys.argv[1:])
    order = levels(cfg)
    jobs(cfg)
    if cfg.job:
        multirun()
        finish(cfg)
        return
    for studies in order:
        multirun(f"hydra.sweeper.params.job={names_of(cfg, *studies)!r}")
        finish(cfg, jobs_of(cfg, *studies))


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
    name = f"{this.study}/{this.model}/{this.fold}"
    if this.done() is not None:
        print(f"{name}: done before", flush=True)
        return
    _begin(this)
    started = time.monotonic()
    try:
        outcome = work(this)
    except Exception as error:
        reason = str(error) if isinstance(error, InputError) else traceback.format_exc()
        write_text(this.folder / FAILED, f"{reason}\n")
        print(f"{name}: failed: {error}", file=sys.stderr, flush=True)
        return
    (this.folder / FAILED).unlink(missing_ok=True)
    seconds = time.monotonic() - started
    write_json(this.folder / DONE, {"fingerprint": this.fingerprint, "seconds": seconds} | outcome)
    print(f"{name}: {outcome} in {seconds:.0f} s", flush=True)


def _begin(this: Job) -> None:
    """Clear the folder of what another configuration, code or data left; keep our own start."""
    begun = this.folder / BEGUN
    if not begun.is_file() or begun.read_text() != this.fingerprint:
        shutil.rmtree(this.folder, ignore_errors=True)
        write_text(begun, this.fingerprint)


def finish(cfg: DictConfig, wanted: list[Job] | None = None) -> None:
    """Name every job of a sweep, or of those wanted, that is not done.

    Raises:
        InputError: some are not; the line names each and the file with its reason.
    """
    wanted = jobs(cfg) if wanted is None else wanted
    missing = [this for this in wanted if this.done() is None]
    if missing:
        reasons = ", ".join(str(this.folder / FAILED) for this in missing)
        raise InputError(
            f"{len(missing)} jobs did not finish, see {reasons}; the same command runs them again"
        )


def predictions(cfg: DictConfig, *studies: str) -> pd.DataFrame:
    """Every test prediction that the jobs (of some studies) left, with study, model and fold."""
    wanted = jobs_of(cfg, *studies) if studies else jobs(cfg)
    return pd.concat([predictions_of(this) for this in wanted], ignore_index=True)


def predictions_of(this: Job) -> pd.DataFrame:
    """The test predictions that one job left, with study, model and fold."""
    table = pd.read_csv(this.folder / PREDICTIONS, dtype={"speaker": str})
    return table.assign(study=this.study, model=this.model, fold=this.fold)


if __name__ == "__main__":
    # By its name, because jobs in other processes look the function up where it was defined.
    from reproduction import sweep

    config.guarded(sweep.main)
