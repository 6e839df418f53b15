"""Train a separator on the stems of some songs, and judge it on songs left out."""

from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from earwitness.corpora.stems import StemCorpus
from experiments.audiolime.music import fold_of
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.separators import SeparatorLearner

QUALITY = "quality.csv"
AUDIBLE = 1e-3
"""A stem whose norm is below this share of the song's is silent and has no score."""


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train on the songs of a fold and return the mean improvement on those left out, in dB.

    Leaves in the job's folder the weights and `quality.csv`, one row a test song and source that
    it has: file, source, si_sdr and mixture (what the whole song scores), in dB.
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: StemCorpus = config.build(study.corpus)
    learner: SeparatorLearner = config.build(cfg.models[job.model])
    fold = fold_of(cfg, job, corpus)
    known = [corpus.stems(file, learner.rate)[0] for file in corpus.records.file[fold.train]]
    separator = learner.fit(known, corpus.sources, int(cfg.seed) + job.fold, job.folder)
    rows: list[dict[str, Any]] = []
    for file in corpus.records.file[fold.test]:
        truth, names = corpus.stems(file, learner.rate)
        estimates = separator(truth.sum(0), learner.rate)
        rows += [{"file": file, **row} for row in quality(estimates, truth, names)]
    table = pd.DataFrame(rows, columns=["file", "source", "si_sdr", "mixture"])
    write_csv(job.folder / QUALITY, table, "%.4f")
    return {"improvement_db": round(float((table.si_sdr - table.mixture).mean()), 2)}


def quality(estimates: Tensor, truth: Tensor, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """SI-SDR in dB of each source `(sources, samples)`, of its estimate and of the mixture."""
    whole = truth.sum(0)
    rows = []
    for name, estimate, source in zip(names, estimates, truth, strict=True):
        if source.norm() > AUDIBLE * whole.norm():
            scores = [scale_invariant_signal_distortion_ratio(s, source) for s in (estimate, whole)]
            rows.append({"source": name, "si_sdr": float(scores[0]), "mixture": float(scores[1])})
    return rows
