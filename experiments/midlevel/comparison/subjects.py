"""Songs: what networks rate, of synthesised ones the emotion that a planted passage causes."""

from collections.abc import Iterator

import pandas as pd
from omegaconf import DictConfig

from earwitness.corpora import synthetic_music
from earwitness.corpora.corpus import Corpus
from experiments.baselines.subject import Subject, chosen
from experiments.midlevel.explain import STUDY, audio_model, corpus_of
from reproduction import sweep


def subjects(cfg: DictConfig, name: str, count: int) -> Iterator[Subject]:
    """Up to `count` test songs of the job `study/model/fold`, with a good deal of the cause first.

    Args:
        cfg: the paper's configuration.
        name: of the job.
        count: of songs.
    """
    job, model = sweep.job(cfg, name), audio_model(cfg, name).eval()
    corpus = corpus_of(cfg)
    predictions = sweep.predictions_of(job)
    songs = predictions[
        (predictions.part == "test") & (predictions.kind == "emotions")
    ].drop_duplicates("song")
    rows = chosen(songs, planted(cfg, corpus, songs.file), count, cfg.seed)
    emotion = cfg.planted.emotion if cfg.planted else cfg.studies[STUDY].emotions[0]
    evidence = synthetic_music.evidence(corpus.root) if cfg.planted else None
    for row, wave in zip(rows.itertuples(), corpus.waves(corpus.rows(rows.file)), strict=True):
        regions = pd.DataFrame() if evidence is None else evidence[evidence.file == row.file]
        yield Subject(row.song, row.speaker, model, wave, model.class_index(emotion), regions)


def planted(cfg: DictConfig, corpus: Corpus, files: pd.Series) -> pd.Series:
    """Whether each song has enough of the attribute that was planted; all have, where none was."""
    if not cfg.planted:
        return pd.Series(True, index=files.index)
    attribute = corpus.records.set_index("file")[cfg.planted.midlevel]
    return files.map(attribute) > cfg.planted.above
