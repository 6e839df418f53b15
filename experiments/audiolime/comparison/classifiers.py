"""Taggers of music that were trained here."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score

from earwitness.judge.bootstrap import Interval
from experiments.audiolime.music import TAGGERS
from experiments.audiolime.tables.same_tag import TAGGER_NAMES
from experiments.baselines.classifiers import CONSTANT, Row, classifier_row
from reproduction import sweep

CLASSIFIER_NAMES = TAGGER_NAMES
"""How figures name the classifiers."""


def classifiers(cfg: DictConfig) -> Iterator[Row]:
    """Mean over tags of the area under the ROC curve; no rows for published taggers."""
    if TAGGERS not in cfg.studies:
        return
    rows = sweep.predictions(cfg, TAGGERS)
    task = {"data": sweep.corpus_names(cfg)[TAGGERS], "task": "tags", "measure": "AUC"}
    constant = rows.drop_duplicates(["file", "tag"]).assign(model=CONSTANT, probability=0.5)
    for name, own in pd.concat([rows, constant]).groupby("model", sort=False):
        known = own.groupby("tag").filter(lambda group: group.present.nunique() > 1)
        areas = [roc_auc_score(tag.present, tag.probability) for _, tag in known.groupby("tag")]
        value = float(np.mean(areas)) if areas else float("nan")
        yield classifier_row(
            task, name, Interval(value, float("nan"), float("nan"), own.file.nunique())
        )
