"""Spoken digits: the networks' answers about the digit and about the speaker's sex."""

from collections.abc import Iterator

import pandas as pd
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.audio import RATE
from earwitness.corpora.corpus import Corpus
from earwitness.explain.model import fit
from experiments.audiomnist.explain import audio_model, planted
from experiments.baselines.subject import Subject, answers, chosen


def subjects(cfg: DictConfig, name: str, count: int) -> Iterator[Subject]:
    """Up to `count` test clips of the job `study/model/fold`, rightly answered where they can be.

    Args:
        cfg: the paper's configuration.
        name: of the job.
        count: of clips.
    """
    job, model = sweep.job(cfg, name), audio_model(cfg, name).eval()
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    told = answers(sweep.predictions(cfg, job.study), job)
    rows = chosen(told, told.label == told.predicted, count, cfg.seed)
    evidence = planted(corpus)
    for row, wave in zip(rows.itertuples(), corpus.waves(corpus.rows(rows.file)), strict=True):
        placed, offset = fit(wave, RATE)
        regions = pd.DataFrame()
        if evidence is not None:
            here = (evidence.file == row.file) & (evidence.label == study.label)
            regions = evidence[here].copy()
            regions[["onset_s", "offset_s"]] += offset / RATE
        target = model.answer(placed)
        yield Subject(row.file, row.speaker, model, placed, target, regions)
