"""Each paper's classifiers beside the simple models that it trained, and beside a constant answer.

Everything follows from the predictions of the papers' trainings. The module
`comparison.classifiers` of a paper has `classifiers(cfg)`, the rows of its classifiers, and
`CLASSIFIER_NAMES`, how figures name them.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import Interval
from experiments.baselines.measure import compared_networks, paper_config

SIMPLE = ("mfcc_logistic", "forest")
"""Models that are no networks."""
CONSTANT = "constant"
"""The classifier that gives the same answer to everything."""
COLUMNS = ["paper", "data", "task", "measure", "classifier", "kind", "n", "value", "low", "high"]

Row = dict[str, Any]


def table(cfg: DictConfig) -> pd.DataFrame:
    """One row a task and classifier, with a 95 % interval over speakers or songs.

    Areas under curves have no interval. Papers of which no network is explained are left out.
    """
    rows = [
        {"paper": paper, "kind": kind(row["classifier"]), **row}
        for paper in compared_networks(cfg)
        for row in rows_of(paper)(paper_config(cfg, paper))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def module_of(paper: str) -> ModuleType:
    """The module that knows the classifiers of a paper."""
    return import_module(f"experiments.{paper}.comparison.classifiers")


def rows_of(paper: str) -> Callable[[DictConfig], Iterator[Row]]:
    """The function that yields the rows of a paper's classifiers."""
    classifiers: Callable[[DictConfig], Iterator[Row]] = module_of(paper).classifiers
    return classifiers


def names_of(papers: Iterable[str]) -> dict[str, str]:
    """How figures name the classifiers of some papers, by their names in tables."""
    names = {CONSTANT: "constant answer"}
    for paper in papers:
        names |= module_of(paper).CLASSIFIER_NAMES
    return names


def kind(classifier: str) -> str:
    """Whether a classifier is the paper's own, a simple peer, or a control."""
    if classifier == CONSTANT:
        return "control"
    return "simple peer" if classifier in SIMPLE else "paper"


def classifier_row(task: Row, classifier: str, score: Interval) -> Row:
    """The row of a classifier: what `task` says of all of them (data, task, measure), its score."""
    value, low, high, n = score
    return {**task, "classifier": classifier, "n": n, "value": value, "low": low, "high": high}
