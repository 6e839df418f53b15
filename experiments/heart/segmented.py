"""Recordings with their predicted states, as every network of this paper is given them."""

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus, track
from reproduction import sweep
from reproduction.csv_files import read_csv

STATES_FILE = "states.csv"


def segmented(cfg: DictConfig, corpus: Corpus, rows: pd.Index) -> list[Tensor]:
    """The recordings of `rows` and their predicted states: `(2, samples)` each."""
    files = corpus.records.loc[rows, "file"]
    by_file = dict(list(predicted_states(cfg).groupby("file")))
    return [
        torch.stack([wave, track(by_file[file], len(wave), corpus.rate).float()])
        for file, wave in zip(files, corpus.waves(rows), strict=True)
    ]


def predicted_states(cfg: DictConfig) -> pd.DataFrame:
    """Every predicted segment: file, start_s, end_s, state, confidence."""
    jobs = sweep.jobs_of(cfg, cfg.states.study)
    return pd.concat([read_csv(job.folder / STATES_FILE) for job in jobs], ignore_index=True)
