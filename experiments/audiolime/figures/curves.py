"""Curves over the number of components that are on, and over the number of draws."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.audiolime.figures import names
from experiments.audiolime.tables.same_tag import (
    AUDIOLIME,
    NAMES,
    POSITIVE,
    RANDOM,
    SLIME,
    published,
)
from reproduction.csv_files import read_csv
from reproduction.results import drawing

ORDER = (AUDIOLIME, SLIME, POSITIVE, RANDOM)
COLOURS = dict(zip(ORDER, sns.color_palette("colorblind", 4), strict=True))
SURROGATES = {"LIME": "ridge", "LIME forest": "forest"}
LABELS = {POSITIVE: "at random, of weights above zero", RANDOM: "at random, of all"}


def topk(table: Path, data: str, path: Path) -> None:
    """Figure 2: a panel a tagger; below each k, the number of clips."""
    rows = read_csv(table)
    taggers = list(dict.fromkeys(rows.tagger))
    legend = (
        "How often does a tagger give the same tag when it hears only the k best components?\n"
        f"{data}; {names.INTERVALS}; crosses: published, of 100 tracks of the Million Song Dataset"
    )
    with plots.figure(path, 1, len(taggers), (4.6, 4.2), legend) as panels:
        for panel, tagger in zip(panels[0], taggers, strict=True):
            own = rows[rows.tagger == tagger]
            for explanation in ORDER:
                curve(panel, own[own.explanation == explanation], explanation)
            crosses(panel, tagger)
            counts = own[own.explanation == AUDIOLIME].set_index("k").same_n
            others = own[own.explanation == SLIME].set_index("k").same_n
            ticks = sorted(own.k.unique())
            panel.set_xticks(ticks, [f"{k}\n{counts.get(k, 0)}\n{others.get(k, 0)}" for k in ticks])
            panel.set(title=names.tagger(tagger), ylim=(-0.03, 1.03))
            panel.set_xlabel("k\nclips, audioLIME (and at random)\nclips, SLIME")
        panels[0, 0].set_ylabel("share of clips with the same tag")
        plots.legend_below(panels[0, 0], columns=4)


def curve(panel: Axes, rows: pd.DataFrame, explanation: str) -> None:
    """A share by k with its intervals."""
    reach = drawing.error_bars(rows, "same")
    label = LABELS.get(explanation, explanation)
    style = "--" if explanation in LABELS else "-"
    panel.errorbar(rows.k, rows.same, yerr=reach, fmt=f"o{style}", ms=4, capsize=2, label=label,
                   color=COLOURS[explanation])  # fmt: skip


def crosses(panel: Axes, tagger: str) -> None:
    """The points of the paper, if it has this tagger."""
    for point in published():
        if point["tagger"] == tagger:
            colour = COLOURS[point["explanation"]]
            panel.plot(point["k"], point["value"], "x", color=colour, ms=6, alpha=0.8)


def convergence(table: Path, by_draws: Path, data: str, path: Path) -> None:
    """A column a tagger: agreement with all draws and between seeds, and tags that stay."""
    rows, kept = read_csv(table), read_csv(by_draws)
    taggers = list(dict.fromkeys(rows.tagger))
    forests = rows[rows.surrogate == "LIME forest"].draws.max()
    legend = (
        f"How many draws are enough? Above: rank correlation of components; {data}; solid: with\n"
        "the full count (the first draws are part of it; of forests, with "
        f"{forests:.0f}); dashed: of draws that have none in common.\n"
        "Below: does the tagger say of the k best what it says of those by all draws?"
    )
    with plots.figure(path, 2, len(taggers), (4.6, 3.4), legend) as panels:
        for column, tagger in zip(panels.T, taggers, strict=True):
            own = rows[rows.tagger == tagger]
            correlations(column[0], own)
            column[0].set_title(f"{names.tagger(tagger)}, {own.best_n.max()} clips")
            alike(column[1], kept[kept.tagger == tagger])
            for panel in column:
                panel.set_xscale("log", base=2)
                panel.set(xlabel="draws", ylim=(0, 1.03))
        panels[0, 0].set_ylabel("rank correlation")
        panels[1, 0].set_ylabel("share of clips alike")
        panels[1, 0].legend(frameon=False, ncols=2, loc="lower right")
        plots.legend_below(panels[0, 0], columns=4)


def correlations(panel: Axes, rows: pd.DataFrame) -> None:
    """A colour a method and surrogate."""
    kinds = rows.groupby(["method", "surrogate"], sort=False)
    for ((method, surrogate), group), colour in zip(
        kinds, sns.color_palette("colorblind"), strict=False
    ):
        agreeing(panel, group, colour, f"{NAMES[method]}, {SURROGATES[surrogate]}")


def alike(panel: Axes, rows: pd.DataFrame) -> None:
    """A line a method and k: the least and the largest k."""
    colours = dict(zip(NAMES.values(), sns.color_palette("colorblind")[::2], strict=False))
    for k, style in ((rows.k.min(), "o-"), (rows.k.max(), "s:")):
        for method, group in rows[rows.k == k].groupby("method", sort=False):
            panel.plot(group.draws, group.as_full, style, ms=3, color=colours[method],
                       label=f"{method}, k = {k}")  # fmt: skip


def agreeing(panel: Axes, rows: pd.DataFrame, colour: object, label: str) -> None:
    """Rank correlations of one method and surrogate by the number of draws."""
    panel.plot(rows.draws, rows.to_full, "o-", ms=3, color=colour, label=label)
    panel.plot(rows.draws, rows.between, "s--", ms=3, color=colour)
    panel.fill_between(rows.draws, rows.to_full_low, rows.to_full_high, color=colour, alpha=0.15)
