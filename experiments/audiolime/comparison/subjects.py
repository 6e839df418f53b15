"""Clips of music: the tag that a tagger gives, where its cause is known of songs that have it."""

from collections.abc import Iterator

import pandas as pd
from omegaconf import DictConfig

from earwitness.corpora import synthetic_tags
from earwitness.corpora.corpus import Corpus
from earwitness.judge.localisation import shift_in_time
from earwitness.models.taggers.published import ARCHITECTURES, RATE
from experiments.audiolime.jobs.explain import CLIPS
from experiments.audiolime.music import tagger_of, track_of
from experiments.baselines.subject import Subject, chosen
from reproduction import config, sweep
from reproduction.csv_files import read_csv


def subjects(cfg: DictConfig, name: str, count: int) -> Iterator[Subject]:
    """Up to `count` clips of the job `music/tagger/fold`, those that have the tag first.

    Args:
        cfg: the paper's configuration.
        name: of a job that explains music.
        count: of clips.
    """
    job = sweep.job(cfg, name)
    model, samples = tagger_of(cfg, job.model), ARCHITECTURES[job.model].samples
    corpus: Corpus = config.build(cfg.studies[job.study].corpus)
    listed = read_csv(job.folder / CLIPS)
    causes = [cause(corpus, *row) for row in listed[["file", "tag", "start"]].to_numpy()]
    caused = pd.Series([len(regions) > 0 for regions in causes], index=listed.index)
    for index, row in chosen(listed, caused, count, cfg.seed).iterrows():
        wave = track_of(corpus, row.file)[row.start : row.start + samples]
        target = model.class_index(row.tag)
        yield Subject(row["clip"], row.speaker, model, wave, target, causes[index])


def cause(corpus: Corpus, file: str, tag: str, start: int) -> pd.DataFrame:
    """The passage that causes a tag of a song, in s of the clip from sample `start` on."""
    if corpus.name != synthetic_tags.NAME:
        return pd.DataFrame()
    regions = synthetic_tags.evidence(corpus.root)
    return shift_in_time(regions[(regions.file == file) & (regions.label == tag)], -start / RATE)
