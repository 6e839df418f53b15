"""Networks for heart sounds beside a random forest."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.challenge import credit_answers, macc_interval
from experiments.baselines.classifiers import CONSTANT, Row, classifier_row
from experiments.heart.tables.classification import MODELS, model_name
from reproduction import sweep

CLASSIFIER_NAMES = {name: model_name(*kind) for name, kind in MODELS.items()}
"""How figures name the classifiers."""


def classifiers(cfg: DictConfig) -> Iterator[Row]:
    """MAcc, the mean of sensitivity and specificity, over recordings, split by recording."""
    study = cfg.explain.study
    keys = ["model", "file", "speaker", "label"]
    answers = sweep.predictions(cfg, study).groupby(keys, as_index=False, sort=False).p_1.mean()
    constant = answers.drop_duplicates("file").assign(model=CONSTANT, p_1=1.0)
    task = {"data": sweep.corpus_names(cfg)[study], "task": cfg.studies[study].label}
    for name, own in pd.concat([answers, constant]).groupby("model", sort=False):
        diagnosed = pd.Series(np.where(own.p_1 > 0.5, "abnormal", "normal"), index=own.index)
        abnormal = own.label == 1
        credit = credit_answers(diagnosed, abnormal, noisy=pd.Series(False, index=own.index))
        score = macc_interval(credit, abnormal, own.speaker, cfg.seed)
        yield classifier_row(task | {"measure": "MAcc"}, name, score)
