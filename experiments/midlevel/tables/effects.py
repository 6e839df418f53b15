"""What mid-level features do to emotions: effects, and pairs of songs that differ in them."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from experiments.midlevel.answers import effects as effects_of
from experiments.midlevel.answers import of_test_songs
from experiments.midlevel.explain import STUDY
from reproduction import sweep

NEAREST = 0.05
"""Share of all pairs of songs, those most alike in emotions, among which pairs are chosen."""
PAIRS = 2
MODEL = "joint"
KEYS = ["emotion", "midlevel"]


def effects(cfg: DictConfig) -> pd.DataFrame:
    """Distribution of each effect over test songs, and how sure it is over runs.

    `sd_runs` is the standard deviation of a song's effect over runs, averaged over songs.
    """
    effects = effects_of(cfg, of_test_songs(cfg), MODEL)
    by_song = effects.groupby([*KEYS, "song"], sort=False).effect.agg(["mean", "std"])
    groups = by_song.groupby(KEYS, sort=False)
    table = groups["mean"].describe()[["mean", "std", "25%", "50%", "75%"]]
    table = table.rename(columns={"std": "sd_songs", "25%": "q25", "50%": "median", "75%": "q75"})
    table["sd_runs"] = groups["std"].mean()
    table.insert(0, "songs", groups.size())
    return table.reset_index().assign(corpus=sweep.corpus_names(cfg)[STUDY])


def pairs(cfg: DictConfig) -> pd.DataFrame:
    """Pairs of songs with like emotions and unlike reasons, with the effects in each.

    Of the pairs whose predicted emotions are nearest to each other (a twentieth of all), those
    whose predicted mid-level features are farthest apart; both standardised over songs. No song
    comes twice.
    """
    answers = of_test_songs(cfg)
    own = answers[answers.model == MODEL]
    rated = own[(own.kind == "emotions") & own.rated.notna()].song.unique()
    own = own[own.song.isin(rated)]
    profiles = {
        kind: group.pivot_table(index="song", columns="rating", values="predicted")
        for kind, group in own.groupby("kind")
    }
    chosen = choose(profiles["emotions"], profiles["midlevel"], PAIRS)
    effects = effects_of(cfg, answers, MODEL)
    spread = effects.groupby(["song", *KEYS], sort=False).agg(
        feature=("feature", "mean"), effect=("effect", "mean"), sd_runs=("effect", "std")
    )
    emotions = profiles["emotions"].stack().rename("predicted")
    rows = spread.reset_index().merge(emotions.reset_index(), left_on=["song", "emotion"],
                                      right_on=["song", "rating"])  # fmt: skip
    parts = [
        rows[rows.song == song].assign(pair=number, **apart)
        for number, (songs, apart) in enumerate(chosen, start=1)
        for song in songs
    ]
    columns = ["pair", "song", "emotion", "predicted", "midlevel", "feature", "effect", "sd_runs"]
    return pd.concat(parts)[[*columns, "emotions_apart", "midlevel_apart"]]


def choose(
    emotions: pd.DataFrame, midlevel: pd.DataFrame, count: int
) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Names of two songs each, and how far apart they are, by the rule above."""
    apart = [distances((table - table.mean()) / table.std()) for table in (emotions, midlevel)]
    songs = list(combinations(emotions.index, 2))
    near = np.argsort(apart[0], kind="stable")[: max(count, round(NEAREST * len(songs)))]
    pairs: list[tuple[tuple[str, str], dict[str, Any]]] = []
    taken: set[str] = set()
    for place in near[np.argsort(-apart[1][near], kind="stable")]:
        if not taken & set(songs[place]) and len(pairs) < count:
            both = {"emotions_apart": apart[0][place], "midlevel_apart": apart[1][place]}
            pairs.append((songs[place], both))
            taken |= set(songs[place])
    return pairs


def distances(table: pd.DataFrame) -> np.ndarray:
    """Root mean square difference of each two rows, `(pairs,)`, in the order of `combinations`."""
    values = table.to_numpy()
    first, second = np.triu_indices(len(values), 1)
    return np.asarray(np.sqrt(((values[first] - values[second]) ** 2).mean(axis=1)))
