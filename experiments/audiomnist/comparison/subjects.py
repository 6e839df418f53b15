"""Spoken digits: the networks' answers about the digit and about the speaker's sex."""

from collections.abc import Iterator

from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from experiments.baselines.subject import Subject, chosen
from reproduction import config, sweep
from reproduction.training.trained import audio_model, clips


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
    predictions = sweep.predictions_of(job)
    rows = chosen(predictions, predictions.label == predictions.predicted, count, cfg.seed)
    windows = clips(corpus, rows.file, model.samples)
    for row, (wave, regions) in zip(rows.itertuples(), windows, strict=True):
        here = regions[regions.label == study.label]
        yield Subject(row.file, row.speaker, model, wave, model.predicted_class(wave), here)
