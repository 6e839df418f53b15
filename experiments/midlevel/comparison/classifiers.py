"""The three schemes that rate songs."""

from collections.abc import Iterator

from omegaconf import DictConfig

from experiments.baselines.classifiers import Row, classifier_row
from experiments.midlevel.answers import SCHEMES, interval, of_test_songs
from experiments.midlevel.explain import STUDY
from reproduction import sweep

CLASSIFIER_NAMES = SCHEMES
"""How figures name the classifiers."""


def classifiers(cfg: DictConfig) -> Iterator[Row]:
    """Mean over emotions of Pearson's r with the ratings; a constant answer has no r."""
    answers, emotions = of_test_songs(cfg), list(cfg.studies[STUDY].emotions)
    task = {"data": sweep.corpus_names(cfg)[STUDY], "task": "emotions", "measure": "r"}
    for name in answers.model.unique():
        yield classifier_row(task, name, interval(cfg.seed, answers, name, emotions))
