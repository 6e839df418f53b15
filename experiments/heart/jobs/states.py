"""Find the states of every recording of a corpus with the segmenters that were trained before."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor
from tqdm import tqdm

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from earwitness.sound.heart_cycle import Durations, course_segments, decode_states
from experiments.heart.jobs import segmenter
from experiments.heart.segmented import STATES_FILE
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.segmenters import SegmenterTask


@dataclass(frozen=True)
class Segmenters:
    """Several segmenters, whose posteriors are averaged, and one decoder.

    Attributes:
        members: the segmenters.
        durations: of the states.
    """

    members: tuple[SegmenterTask, ...]
    durations: Durations

    def segment(self, wave: Tensor, rate: int) -> pd.DataFrame:
        """The segments of a sound `(samples,)`: start_s, end_s, state (from 1) and confidence."""
        frame_rate = rate / self.members[0].hop
        posteriors = np.mean([member.posteriors(wave) for member in self.members], axis=0)
        course = decode_states(posteriors, self.durations.log_probabilities(frame_rate))
        return course_segments(course, posteriors, frame_rate, len(wave) / rate)


def trained(cfg: DictConfig, study: str) -> Segmenters:
    """The segmenters of all jobs of the studies that `study` is after."""
    loaded = [segmenter.load(cfg, job) for job in sweep.jobs_before(cfg, study)]
    members, durations = zip(*loaded, strict=True)
    return Segmenters(members, Durations.average(durations))


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Segment one part of a corpus, and return the mean confidence of its recordings.

    Leaves `states.csv` in the job's folder: file, start_s, end_s, state and confidence.
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    part: Fold = config.build(study.split)(corpus.records)[job.fold]
    segmenters = trained(cfg, job.study)
    sounds = zip(corpus.records.file[part.test], corpus.waves(part.test), strict=True)
    progress = tqdm(sounds, "segmenting", len(part.test), disable=None)
    table = pd.concat(
        [segmenters.segment(wave, corpus.rate).assign(file=file) for file, wave in progress]
    )
    columns = ["file", "start_s", "end_s", "state", "confidence"]
    write_csv(job.folder / STATES_FILE, table[columns])
    return {"confidence": round(float(table.groupby("file").confidence.mean().mean()), 6)}
