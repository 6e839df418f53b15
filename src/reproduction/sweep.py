"""The jobs of a paper, folds x models x studies: their names, fingerprints, folders and results.

`reproduction.train` runs them. A study that builds on others names them in `after`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from reproduction import config
from reproduction.provenance import code_hash, config_hash, package_versions, targets

PREDICTIONS = "predictions.csv"
DONE = "done.json"
FAILED = "failed.txt"
HASHED_SEPARATELY = ("corpus", "folds", "steps", "models", "after")
"""Keys of a study that a job's fingerprint covers by more precise parts."""


@dataclass(frozen=True)
class Job:
    """One training of a sweep: its place in the configuration and its folder."""

    study: str
    model: str
    fold: int
    folder: Path
    fingerprint: str

    @property
    def name(self) -> str:
        """`study/model/fold`."""
        return f"{self.study}/{self.model}/{self.fold}"

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
        InputError: there is no such job, or its corpus is not in the inventory.
    """
    study, model, fold = _parts(cfg, name)
    settings = cfg.studies[study]
    inventoried = corpora(cfg)
    if study not in inventoried:
        raise InputError(f"study {study}: its corpus was not looked for; run the data stage again")
    own = OmegaConf.masked_copy(settings, [key for key in settings if key not in HASHED_SEPARATELY])
    parts = own, settings.steps.get(model), cfg.models[model]
    circumstances = str(fold), cfg.seed, cfg.threads, inventoried[study]["hash"], package_versions()
    used = targets(cfg.models[model], settings.corpus, settings.split)
    code = code_hash(train_module(cfg, study), *used)
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


def corpora(cfg: DictConfig) -> dict[str, dict[str, Any]]:
    """The inventory of each study's corpus: name, licence, counts and hash.

    Raises:
        InputError: the data stage has not run.
    """
    path = config.paper_folder(cfg, "runs") / "corpora.json"
    if not path.is_file():
        raise InputError(f"{path}: not there; run the data stage (make does) first")
    inventory: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return inventory


def corpus_names(cfg: DictConfig) -> dict[str, str]:
    """What tables and captions call the corpus of each study."""
    return {study: entry["corpus"] for study, entry in corpora(cfg).items()}


def require_finished(cfg: DictConfig, wanted: list[Job] | None = None) -> None:
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
