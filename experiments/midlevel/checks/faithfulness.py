"""Do answers follow the explanations: `faithfulness.csv`, by deletion and insertion.

Each row is a song, a divider, a network, an emotion, and the ranking of parts that is followed:
that of either network's Shapley values, of loudness, or a random one. `drop` and `rise` are those
of `earwitness.judge.curves`, in units of ratings.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig

from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import Components
from earwitness.explain.explainers import class_game
from earwitness.explain.model import AudioModel
from earwitness.judge.curves import curves, random_ranking_scores
from experiments.midlevel.components import LOUDNESS, loudness
from experiments.midlevel.explain import (
    BATCH,
    STUDY,
    corpus_of,
    divider,
    models_of,
    parts,
    store,
    waves_of,
)
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "faithfulness"
RANDOM = "random"
DRAWS = 10
"""Rankings drawn at random for each song."""


def main(cfg: DictConfig) -> None:
    """Follow every ranking on every explained song."""
    rows = parallel_map(
        partial(of_part, cfg), parts(store(cfg).read()), cfg.processes, "deleting and inserting"
    )
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def of_part(cfg: DictConfig, songs: list[ExplainedClip]) -> list[dict[str, Any]]:
    """Rows of songs that the same networks were tested on."""
    torch.set_num_threads(cfg.threads)
    corpus, models = corpus_of(cfg), models_of(cfg, songs[0].row.fold)
    rows: list[dict[str, Any]] = []
    for song, wave in zip(songs, waves_of(corpus, songs), strict=True):
        for by in cfg.explain.by:
            for name, model in models.items():
                components = divider(cfg, by, corpus, song)(model, wave)
                columns = {
                    "song": song.row.song,
                    "speaker": song.row.speaker,
                    "by": by,
                    "model": name,
                }
                rows += [columns | row for row in followed(cfg, song, by, model, components)]
    return rows


def followed(
    cfg: DictConfig, song: ExplainedClip, by: str, model: AudioModel, components: Components
) -> Iterator[dict[str, Any]]:
    """One row an emotion and ranking."""
    ask, loud = CoalitionEvaluator(model.network, components, BATCH), loudness(components)
    for emotion in cfg.studies[STUDY].emotions:
        game = class_game(model, ask, model.class_index(emotion), "output")
        rankings = {
            name: song.explanation(name, by, emotion).values.flatten()
            for name in cfg.explain.models
        }
        for name, values in (rankings | {LOUDNESS: loud}).items():
            response = curves(game, values)
            yield {
                "emotion": emotion,
                "ranking": name,
                "drop": response.drop,
                "rise": response.rise,
            }
        drop, rise = random_ranking_scores(game, components.count, DRAWS, cfg.seed)
        yield {"emotion": emotion, "ranking": RANDOM, "drop": drop, "rise": rise}
