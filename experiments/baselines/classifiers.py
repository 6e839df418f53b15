"""Each paper's classifiers beside the simple peers that it trained, and beside a constant answer.

Everything follows from the predictions that the papers' trainings left.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score

from earwitness.judge.bootstrap import mean_interval
from earwitness.judge.challenge import credit_answers, macc_interval
from experiments.audiolime.music import TAGGERS
from experiments.baselines.measure import paper_config
from experiments.midlevel import answers as ratings
from experiments.midlevel.explain import STUDY
from reproduction import sweep

SIMPLE = ("mfcc_logistic", "forest")
"""Models that are no networks."""
CONSTANT = "constant"
"""The same answer to everything."""
COLUMNS = ["paper", "data", "task", "measure", "classifier", "kind", "n", "value", "low", "high"]

Row = dict[str, Any]


def table(cfg: DictConfig) -> pd.DataFrame:
    """One row a task and classifier, with a 95 % interval over speakers or songs.

    Areas under curves have no interval. Papers of which no network is explained are left out.
    """
    rows = [
        {"paper": paper, "kind": kind(row["classifier"]), **row}
        for paper in cfg.networks
        for row in PAPERS[paper](paper_config(cfg, paper))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def kind(classifier: str) -> str:
    """Whether it is the paper's own, a simple peer, or no classifier at all."""
    if classifier == CONSTANT:
        return "control"
    return "simple peer" if classifier in SIMPLE else "paper"


def digits(cfg: DictConfig) -> Iterator[Row]:
    """Accuracy; a constant answer is the commonest label of the test clips."""
    predicted = sweep.predictions(cfg)
    for study, group in predicted.groupby("study", sort=False):
        told = {"data": sweep.corpus_names(cfg)[study], "task": cfg.studies[study].label}
        once = group.drop_duplicates("file")
        once = once.assign(model=CONSTANT, predicted=once.label.mode()[0])
        for name, own in pd.concat([group, once]).groupby("model", sort=False):
            correct = (own.label == own.predicted).astype(float)
            value, low, high, n = mean_interval(correct, own.speaker, seed=cfg.seed)
            row = {"measure": "accuracy", "classifier": name, "n": n}
            yield told | row | {"value": value, "low": low, "high": high}


def hearts(cfg: DictConfig) -> Iterator[Row]:
    """Mean of sensitivity and specificity over recordings, split by recording."""
    study = cfg.explain.study
    keys = ["model", "file", "speaker", "label"]
    answered = sweep.predictions(cfg, study).groupby(keys, as_index=False, sort=False).p_1.mean()
    once = answered.drop_duplicates("file").assign(model=CONSTANT, p_1=1.0)
    told = {"data": sweep.corpus_names(cfg)[study], "task": cfg.studies[study].label}
    for name, own in pd.concat([answered, once]).groupby("model", sort=False):
        said = pd.Series(np.where(own.p_1 > 0.5, "abnormal", "normal"), index=own.index)
        abnormal = own.label == 1
        credit = credit_answers(said, abnormal, noisy=pd.Series(False, index=own.index))
        value, low, high, n = macc_interval(credit, abnormal, own.speaker, cfg.seed)
        row = {"measure": "MAcc", "classifier": name, "n": n}
        yield told | row | {"value": value, "low": low, "high": high}


def songs(cfg: DictConfig) -> Iterator[Row]:
    """Mean over emotions of Pearson's r with the ratings; a constant has none."""
    answers, emotions = ratings.of_test_songs(cfg), list(cfg.studies[STUDY].emotions)
    told = {"data": sweep.corpus_names(cfg)[STUDY], "task": "emotions", "measure": "r"}
    for name in answers.model.unique():
        value, low, high, n = ratings.interval(cfg, answers, name, emotions)
        yield told | {"classifier": name, "n": n, "value": value, "low": low, "high": high}


def tags(cfg: DictConfig) -> Iterator[Row]:
    """Mean over tags of the area under the ROC curve; none of published taggers."""
    if TAGGERS not in cfg.studies:
        return
    rows = sweep.predictions(cfg, TAGGERS)
    told = {"data": sweep.corpus_names(cfg)[TAGGERS], "task": "tags", "measure": "AUC"}
    once = rows.drop_duplicates(["file", "tag"]).assign(model=CONSTANT, probability=0.5)
    for name, own in pd.concat([rows, once]).groupby("model", sort=False):
        known = own.groupby("tag").filter(lambda group: group.present.nunique() > 1)
        areas = [roc_auc_score(tag.present, tag.probability) for _, tag in known.groupby("tag")]
        value = float(np.mean(areas)) if areas else float("nan")
        yield told | {"classifier": name, "n": own.file.nunique(), "value": value}


PAPERS: dict[str, Callable[[DictConfig], Iterator[Row]]] = {
    "audiomnist": digits,
    "heart": hearts,
    "midlevel": songs,
    "audiolime": tags,
}
"""Paper -> the rows of its classifiers."""
