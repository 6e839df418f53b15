"""Effects of mid-level features on emotions, over all songs and in pairs of songs."""

from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from omegaconf import DictConfig

from earwitness.present import plots
from experiments.midlevel.answers import effects as effects_of
from experiments.midlevel.answers import of_test_songs
from experiments.midlevel.figures import names
from experiments.midlevel.tables.effects import MODEL
from reproduction.csv_files import read_csv

COLOURS = ("#0173b2", "#de8f05")
"""Of the two songs of a pair."""
LEGEND = (
    "Effect: weight times predicted mid-level feature (A2Mid2E-Joint). "
    "Boxes: all test songs; dots: the first pair of songs with like emotions and unlike reasons."
)


def effects(cfg: DictConfig, pairs: Path, path: Path) -> None:
    """A panel an emotion: a box a feature, and where two songs lie in it (the paper's figure)."""
    effects = effects_of(cfg, of_test_songs(cfg), MODEL)
    means = effects.groupby(["song", "emotion", "midlevel"], sort=False).effect.mean().reset_index()
    emotions = list(dict.fromkeys(means.emotion))
    chosen = read_csv(pairs)
    chosen = chosen[chosen.pair == 1]
    with plots.figure(path, 2, -(-len(emotions) // 2), (3.0, 2.9), LEGEND) as panels:
        for panel, emotion in zip(panels.flat, emotions, strict=False):
            boxes(panel, means[means.emotion == emotion], chosen[chosen.emotion == emotion])
            panel.set_title(names.rating(emotion))
            panel.tick_params("y", labelleft=panel in panels[:, 0])
        for panel in panels[-1]:
            panel.set_xlabel("effect (rating)")
        plots.legend_below(panels[0, 0], columns=2)


def boxes(panel: Axes, rows: pd.DataFrame, pair: pd.DataFrame) -> None:
    """Boxes of one emotion's effects, and two songs' own."""
    features = list(dict.fromkeys(rows.midlevel))
    shown = rows.assign(midlevel=rows.midlevel.map(names.rating))
    sns.boxplot(shown, x="effect", y="midlevel", color="0.9", fliersize=1, linewidth=0.8, ax=panel)
    for colour, (song, own) in zip(COLOURS, pair.groupby("song", sort=False), strict=True):
        heights = [features.index(name) for name in own.midlevel]
        panel.plot(own.effect, heights, "o", ms=4, color=colour, label=titled(song))
    panel.axvline(0, color="0.5", lw=0.5)
    panel.set(xlabel="", ylabel="")


def pairs(table: Path, path: Path) -> None:
    """A pair a row: its emotions, its features, and the effects on the emotion most affected."""
    rows = read_csv(table)
    numbers = list(rows.pair.unique())
    legend = "Pairs of songs with like emotions and unlike reasons (A2Mid2E-Joint)"
    lines = "; lines: one sd over runs" if rows.sd_runs.notna().all() else ""
    with plots.figure(path, len(numbers), 3, (4.4, 2.9), legend) as panels:
        for line, number in zip(panels, numbers, strict=True):
            own = rows[rows.pair == number]
            emotion = most_unlike(own)
            shown = own[own.emotion == emotion]
            bars(line[0], own.drop_duplicates(["song", "emotion"]), "emotion", "predicted")
            bars(line[1], shown, "midlevel", "feature")
            bars(line[2], shown, "midlevel", "effect", "sd_runs")
            line[0].set(xlabel="predicted rating", xlim=(0, 1))
            line[1].set(xlabel="predicted mid-level feature", xlim=(0, 1))
            line[2].set_xlabel(f"effect on {names.rating(emotion)} (rating){lines}")
            line[0].legend(frameon=False, loc="lower right", fontsize=7)


def most_unlike(rows: pd.DataFrame) -> str:
    """The emotion that the two songs come to by the most different effects."""
    matrix = rows.pivot(index=["emotion", "midlevel"], columns="song", values="effect")
    return str(np.abs(matrix.diff(axis=1).iloc[:, -1]).groupby("emotion").sum().idxmax())


def bars(panel: Axes, rows: pd.DataFrame, of: str, value: str, spread: str = "") -> None:
    """Two bars a row, one a song."""
    groups = list(dict.fromkeys(rows[of]))
    for index, (song, own) in enumerate(rows.groupby("song", sort=False)):
        heights = [groups.index(name) + (index - 0.5) * 0.36 for name in own[of]]
        error = own[spread] if spread and own[spread].notna().all() else None
        panel.barh(heights, own[value], 0.34, xerr=error, color=COLOURS[index], label=titled(song),
                   error_kw={"lw": 0.8, "capsize": 1.5})  # fmt: skip
    panel.set_yticks(range(len(groups)), map(names.rating, groups))
    panel.invert_yaxis()
    panel.axvline(0, color="0.5", lw=0.5)


def titled(song: str) -> str:
    """A song, as drawn."""
    return song.replace("_", " ")
