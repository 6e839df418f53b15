"""Networks for spoken digits and the speaker's sex, beside MFCC statistics with a linear model."""

from collections.abc import Iterator

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import mean_interval
from experiments.audiomnist.explain import NETWORKS
from experiments.baselines.classifiers import CONSTANT, Row, classifier_row
from reproduction import sweep

CLASSIFIER_NAMES = NETWORKS | {"mfcc_logistic": "MFCC, logistic regression"}
"""How figures name the classifiers."""


def classifiers(cfg: DictConfig) -> Iterator[Row]:
    """Accuracy on test clips; the constant answer is their most frequent label."""
    names = sweep.corpus_names(cfg)
    for study, group in sweep.predictions(cfg).groupby("study", sort=False):
        task = {"data": names[study], "task": cfg.studies[study].label, "measure": "accuracy"}
        clips_once = group.drop_duplicates("file")
        constant = clips_once.assign(model=CONSTANT, predicted=clips_once.label.mode()[0])
        for name, own in pd.concat([group, constant]).groupby("model", sort=False):
            correct = (own.label == own.predicted).astype(float)
            yield classifier_row(task, name, mean_interval(correct, own.speaker, seed=cfg.seed))
