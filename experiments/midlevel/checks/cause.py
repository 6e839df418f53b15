"""Is the planted cause of an emotion found: `cause.csv`, only of songs that were synthesised.

A good deal of one attribute was planted in a known passage, source and range of frequency of a
song (`planted` in the configuration). Each row is such a song, a way to divide it, and an
explanation: either network's of the emotion that the attribute causes most, the jointly trained
network's of the attribute itself, or the control, loudness. `hit` says whether the part with the
largest value is where the cause is, above zero or not, because silence has a rating of its own;
`share` how much of what is above zero lies there; `chance` the mean score of random values.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora import synthetic_music
from earwitness.corpora.corpus import Corpus
from earwitness.explain.explanation import Explanation
from earwitness.judge import localisation
from experiments.midlevel.components import LOUDNESS, loudness
from experiments.midlevel.explain import (
    corpus_of,
    divider,
    models_of,
    store,
    waves_of,
)
from experiments.midlevel.jobs.train import song_names
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "cause"
COLUMNS = ["song", "speaker", "by", "model", "rating", "hit", "share", "chance"]


def main(cfg: DictConfig) -> None:
    """Look for the cause in the explanations of every song that has a good deal of it."""
    rows: list[dict[str, Any]] = []
    if cfg.planted:
        corpus = corpus_of(cfg)
        songs = [song for song in store(cfg).read() if planted(cfg, corpus, song)]
        waves = waves_of(corpus, songs)
        by_song = (of_song(cfg, corpus, *each) for each in zip(songs, waves, strict=True))
        rows = list(chain.from_iterable(by_song))
    checks.write(cfg, CHECK, pd.DataFrame(rows, columns=COLUMNS))


def planted(cfg: DictConfig, corpus: Corpus, song: ExplainedClip) -> bool:
    """Whether a song has enough of the attribute."""
    (row,) = (song_names(corpus.records) == song.row.song).to_numpy().nonzero()[0]
    return bool(corpus.records.iloc[row][cfg.planted.midlevel] > cfg.planted.above)


def of_song(
    cfg: DictConfig, corpus: Corpus, song: ExplainedClip, wave: Tensor
) -> Iterator[dict[str, Any]]:
    """One row a way to divide the song, whose wave is `(samples,)`, and an explanation."""
    regions = synthetic_music.evidence(corpus.root)
    here = regions[regions.file == song.row.file]
    models = models_of(cfg, song.row.fold)
    explainable = cfg.explain.models[-1]
    explained = [(name, cfg.planted.emotion) for name in models]
    for by in cfg.explain.by:
        columns = {"song": song.row.song, "speaker": song.row.speaker, "by": by}
        for name, rating in [*explained, (explainable, cfg.planted.midlevel)]:
            explanation = song.explanation(name, by, rating)
            inside = where(cfg.planted.source, explanation, here)
            judged = {"model": name, "rating": rating}
            yield columns | judged | scores(explanation.values.flatten(), inside)
        values = loudness(divider(cfg, by, corpus, song)(models[explainable], wave))
        yield columns | {"model": LOUDNESS, "rating": ""} | scores(values, inside)


def where(source: str, explanation: Explanation, regions: pd.DataFrame) -> Tensor:
    """Which components the cause lies in: `(components,)`, bool."""
    first = explanation.axes[0]
    if first.name == "source":
        return torch.tensor([label == source for label in first.labels])
    # Of an axis with one entry, everything lies in it.
    axes = [axis for axis in explanation.axes if len(axis.values) > 1]
    return localisation.region_mask(axes, regions).flatten()


def scores(values: Tensor, inside: Tensor) -> dict[str, float]:
    """Whether the largest of `(components,)` is `inside`, the share that is, and chance."""
    return {
        "hit": float(inside[values.argmax()]),
        "share": localisation.relevance_mass(values, inside),
        "chance": localisation.chance_level(inside),
    }
