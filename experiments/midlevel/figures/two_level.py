"""Two levels at once: an emotion from mid-level features, and these from parts of the sound."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.explanation import Axis
from earwitness.present import plots
from experiments.midlevel.answers import effects as effects_of
from experiments.midlevel.answers import last_layers, of_test_songs
from experiments.midlevel.explain import STUDY
from experiments.midlevel.figures import names
from experiments.midlevel.tables.effects import MODEL
from reproduction.store import ExplainedClip

BLACK = "a2e"
LEGEND = (
    "Left: an emotion from mid-level features (A2Mid2E-Joint).\n"
    "Maps: these from parts of the song (Shapley values of a feature times its weight);\n"
    "below the line all features together, and the black box's own Shapley values.\n"
    "Orange raises the rating, purple lowers it."
)


def choose_shown(cfg: DictConfig, songs: list[ExplainedClip]) -> list[tuple[ExplainedClip, str]]:
    """The songs whose emotions are highest above the mean, each another one; song and emotion."""
    answers = of_test_songs(cfg)
    own = answers[(answers.model == MODEL) & (answers.kind == "emotions") & (answers.run == 0)]
    matrix = own.pivot(index="song", columns="rating", values="predicted")
    high = ((matrix - matrix.mean()) / matrix.std()).loc[[song.row.song for song in songs]].stack()
    emotion_of: dict[str, str] = {}
    for song, emotion in high.sort_values(ascending=False, kind="stable").index:
        if song not in emotion_of and emotion not in emotion_of.values():
            emotion_of[song] = emotion
    chosen = list(emotion_of.items())[: cfg.figures.shown]
    by_name = {song.row.song: song for song in songs}
    return [(by_name[song], emotion) for song, emotion in chosen]


def through_features(cfg: DictConfig, song: ExplainedClip, by: str, emotion: str) -> Tensor:
    """What parts of a song do to an emotion through each feature: `(features, parts)`.

    Each feature's Shapley values times its weight; over features they add up to the Shapley values
    of the emotion, because values of a sum are the sum of values.
    """
    layers = last_layers(cfg)
    mine = layers[(layers.model == MODEL) & (layers.fold == song.row.fold)]
    weights = mine[mine.emotion == emotion].set_index("midlevel").weight
    features = cfg.studies[STUDY].midlevel
    values = [song.explanation(MODEL, by, name).values.flatten() for name in features]
    return torch.stack([weights[name] * v for name, v in zip(features, values, strict=True)])


def two_level(cfg: DictConfig, shown: list[tuple[ExplainedClip, str]], path: Path) -> None:
    """A row a song: its effects, and a map for each way to divide it."""
    effects, ways = effects_of(cfg, of_test_songs(cfg), MODEL), list(cfg.explain.by)
    with plots.figure(path, len(shown), 1 + len(ways), (4.2, 3.4), LEGEND) as panels:
        for line, (song, emotion) in zip(panels, shown, strict=True):
            own = effects[(effects.song == song.row.song) & (effects.emotion == emotion)]
            draw_effects(line[0], own)
            line[0].set_title(headline(song, ways[0], emotion), fontsize=8)
            for panel, by in zip(line[1:], ways, strict=True):
                draw_map(panel, levels(cfg, song, by, emotion))
                axis = part_axis(song, by, emotion)
                label_parts(panel, axis)
                panel.tick_params("y", labelleft=by == ways[0])


def headline(song: ExplainedClip, by: str, emotion: str) -> str:
    """Song, emotion and both networks' ratings, as drawn."""
    ratings = {m: song.explanation(m, by, emotion).probability for m in (MODEL, BLACK)}
    return (
        f"{song.row.song.replace('_', ' ')}: {names.rating(emotion)} {ratings[MODEL]:.2f}\n"
        f"(A2E says {ratings[BLACK]:.2f})"
    )


def draw_effects(panel: Axes, rows: pd.DataFrame) -> None:
    """The effects of features, mean over runs, beyond none; lines are one sd over runs."""
    effects = rows.groupby("midlevel", sort=False).effect.agg(["mean", "std"])
    colours = np.where(effects["mean"] > 0, plots.POSITIVE_COLOUR, plots.NEGATIVE_COLOUR)
    error = effects["std"] if effects["std"].notna().all() else None
    panel.barh(range(len(effects)), effects["mean"], color=colours, xerr=error,
               error_kw={"lw": 0.8, "capsize": 1.5})  # fmt: skip
    panel.set_yticks(range(len(effects)), map(names.rating, effects.index))
    panel.invert_yaxis()
    panel.axvline(0, color="0.5", lw=0.5)
    panel.set_xlabel("effect (rating)")


def levels(cfg: DictConfig, song: ExplainedClip, by: str, emotion: str) -> pd.DataFrame:
    """What parts do to an emotion: through each feature, through all, in the black box."""
    features = list(map(names.rating, cfg.studies[STUDY].midlevel))
    through = pd.DataFrame(through_features(cfg, song, by, emotion).numpy(), index=features)
    through.loc["all features"] = through.sum()
    through.loc["black box, A2E"] = song.explanation(BLACK, by, emotion).values.flatten().numpy()
    return through


def draw_map(panel: Axes, table: pd.DataFrame) -> None:
    """Rows of values over the parts of a song, white at zero."""
    limit = max(float(table.abs().max().max()), 1e-9)
    image = panel.pcolormesh(
        table.to_numpy(), cmap=plots.RELEVANCE_CMAP, vmin=-limit, vmax=limit, rasterized=True
    )
    panel.axhline(len(table) - 2, color="black", lw=1)
    panel.set_yticks(np.arange(len(table)) + 0.5, table.index)
    panel.invert_yaxis()
    panel.figure.colorbar(image, ax=panel, label="contribution (rating)", aspect=25)


def part_axis(song: ExplainedClip, by: str, emotion: str) -> Axis:
    """The axis on which the parts of a song lie: the one that has several."""
    axes = song.explanation(MODEL, by, emotion).axes
    return max(axes, key=lambda axis: len(axis.values))


def label_parts(panel: Axes, axis: Axis) -> None:
    """Name the parts: by their names, or by where their middles lie."""
    scale, unit = (1000, "kHz") if axis.unit == "Hz" else (1, axis.unit)
    labels = axis.labels or [f"{value / scale:.2g}" for value in axis.values.tolist()]
    turned = 90 if len(labels) > 10 else 0
    panel.set_xticks(np.arange(len(labels)) + 0.5, labels, rotation=turned, fontsize=7)
    panel.set_xlabel(f"{axis.name} ({unit})" if unit else axis.name)
