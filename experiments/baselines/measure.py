"""Measure every method and control on every network: one job a network, done ones skipped."""

import importlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig, OmegaConf
from torch import nn

from earwitness.errors import InputError
from earwitness.explain.explainers import Explainer
from earwitness.judge.randomisation import cascading_randomisation
from experiments.baselines.measures import Judge, Settings
from experiments.baselines.subject import Subject
from reproduction import config, sweep, train
from reproduction.csv_files import read_csv, write_csv
from reproduction.parallel import parallel_map
from reproduction.provenance import code_hash, config_hash, package_versions, targets

EXPERIMENTS = Path("experiments")
CLIPS = "clips.csv"
METHOD, CONTROL = "method", "control"
OWN = ("explainers", "controls", "measure", "seed", "threads")
"""What every job depends on, of the configuration."""


def main(cfg: DictConfig) -> None:
    """Do every job.

    Raises:
        InputError: a network is not trained, or jobs failed.
    """
    wanted = jobs(cfg)
    parallel_map(partial(run, cfg), wanted, cfg.processes, "networks")
    sweep.require_finished(cfg, wanted)


def paper_config(cfg: DictConfig, paper: str) -> DictConfig:
    """The configuration of a paper, with what this one shares with it."""
    shared = [f"{key}={json.dumps(cfg[key])}" for key in config.TOP_LEVEL]
    return config.compose([f"paper={paper}", f"profile={cfg.profile.name}", *shared])


def jobs(cfg: DictConfig) -> list[sweep.Job]:
    """One job a network; InputError if a network is not trained."""
    return [
        job(cfg, paper_config(cfg, paper), name)
        for paper, names in compared_networks(cfg).items()
        for name in names
    ]


def compared_networks(cfg: DictConfig) -> dict[str, list[str]]:
    """Networks to compare explainers on, by paper; papers in alphabetical order."""
    papers = (folder.parent.name for folder in sorted(EXPERIMENTS.glob("*/comparison")))
    compared = {paper: list(paper_config(cfg, paper).comparison.networks) for paper in papers}
    return {paper: names for paper, names in compared.items() if names}


def job(cfg: DictConfig, paper_cfg: DictConfig, name: str) -> sweep.Job:
    """The job about one network of a paper; its fingerprint covers that network's training.

    Raises:
        InputError: the network is not trained.
    """
    paper, node = paper_cfg.paper.name, paper_cfg.comparison.networks[name]
    trained = sweep.job(paper_cfg, node.job)
    if trained.done() is None:
        raise InputError(f"{paper}: job {node.job} is not done; run `make {paper}` first")
    own = OmegaConf.masked_copy(cfg, list(OWN)), node, paper_cfg.comparison.segments
    used = targets(cfg.explainers), targets(cfg.controls)
    code = code_hash("experiments.baselines.measure", module_of(paper), *used[0], *used[1])
    return sweep.Job(
        study=paper,
        model=name,
        fold=trained.fold,
        folder=config.paper_folder(cfg, "runs") / "jobs" / paper / name,
        fingerprint=config_hash(*own, trained.fingerprint, package_versions()) + code,
    )


def module_of(paper: str) -> str:
    """Name of the module that says which clips and classes of a paper's networks are explained."""
    return f"experiments.{paper}.comparison.subjects"


def run(cfg: DictConfig, this: sweep.Job) -> None:
    """Do one job unless it is done."""
    torch.set_num_threads(cfg.threads)
    train.run_job(this, partial(compare, cfg))


def compare(cfg: DictConfig, this: sweep.Job) -> dict[str, Any]:
    """Leave `clips.csv`, one row a clip and method, and return how many clips there were."""
    paper_cfg = paper_config(cfg, this.study)
    compared = paper_cfg.comparison
    node = compared.networks[this.model]
    find: Callable[[DictConfig, str, int], Iterator[Subject]]
    find = importlib.import_module(module_of(this.study)).subjects
    subjects = list(find(paper_cfg, node.job, cfg.measure.clips))
    randomised_model = fully_randomised(subjects[0].model.network, cfg.seed)
    how = cfg.measure
    settings = Settings(compared.segments, how.batch_size, how.noise_db, cfg.seed)
    by_kind = explainers(cfg, settings.segments, node.silence)
    rows = []
    for number, subject in enumerate(subjects):
        judge = Judge(subject, randomised_model if number < how.checked else None, settings)
        rows += [row for kind in by_kind for row in of_clip(judge, kind, by_kind[kind])]
    study = node.job.split("/")[0]
    named = {"data": sweep.corpus_names(paper_cfg)[study], "paper": this.study}
    table = pd.DataFrame(rows).assign(network=this.model, **named)
    write_csv(this.folder / CLIPS, table)
    return {"clips": len(subjects)}


def fully_randomised(network: nn.Module, seed: int) -> nn.Module:
    """The end of the cascade: a network of which no layer knows anything any more."""
    *_, (_, last) = cascading_randomisation(network, seed)
    return last


def explainers(cfg: DictConfig, segments: int, silence: str) -> dict[str, dict[str, Explainer]]:
    """Methods and controls by kind and name, fitted to a network.

    Args:
        cfg: with `explainers` and `controls`.
        segments: of time that components are, and that controls draw for.
        silence: what methods with a baseline take for silence in the network's input.
    """
    nodes = {METHOD: cfg.explainers, CONTROL: cfg.controls}
    return {
        kind: {name: config.build(fitted(node, segments, silence)) for name, node in group.items()}
        for kind, group in nodes.items()
    }


def fitted(node: DictConfig, segments: int, silence: str) -> DictConfig:
    """An explainer's configuration with what only the network knows."""
    changes: dict[str, Any] = {}
    if "components" in node:
        changes["components"] = {"count": segments}
    if "count" in node:
        changes["count"] = segments
    if "baseline" in node.get("method", {}):
        changes["method"] = {"baseline": silence}
    merged = OmegaConf.merge(node, changes)
    assert isinstance(merged, DictConfig)
    return merged


def of_clip(judge: Judge, kind: str, explainers: dict[str, Explainer]) -> Iterator[dict[str, Any]]:
    """One row an explainer: what was measured, or why it was left out."""
    names = {"clip": judge.subject.clip, "speaker": judge.subject.speaker, "kind": kind}
    for name, explainer in explainers.items():
        try:
            measured: dict[str, Any] = judge(explainer)
        except InputError as error:
            measured = {"left_out": str(error)}
        yield {**names, "method": name, "left_out": "", **measured}


def read(cfg: DictConfig) -> pd.DataFrame:
    """The rows of every job.

    Raises:
        InputError: a job is not done.
    """
    done = jobs(cfg)
    sweep.require_finished(cfg, done)
    tables = [read_csv(job.folder / CLIPS, text=["left_out"]) for job in done]
    return pd.concat(tables, ignore_index=True).fillna({"left_out": ""})
