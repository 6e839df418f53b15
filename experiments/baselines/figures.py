"""Figures: methods beside controls, their ranks, classifiers beside simple models."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from omegaconf import DictConfig

from earwitness.judge.ranks import OVERALL
from earwitness.present import plots
from experiments.baselines.classifiers import names_of as classifier_names
from experiments.baselines.measure import CONTROL, compared_networks, explainers
from experiments.baselines.measures import MEASURES
from reproduction import config
from reproduction.csv_files import read_csv
from reproduction.explainers import variant_name
from reproduction.results import drawing

MEASURE_LABELS = {
    "deletion": "fall of probability",
    "insertion": "rise of probability",
    "localisation": "AUC, planted evidence",
    "randomisation": "likeness after\nrandomising the network",
    "stability": "likeness after\nnoise is added",
    "sparseness": "Gini index",
    "seconds": "seconds",
}
"""Labels of the axes of the measures."""
CHANCE = {"deletion": 0.0, "insertion": 0.0, "localisation": 0.5}
BAND = "0.92"
"""Behind controls."""
MARKS = {"paper": "o", "simple peer": "s", "control": "x"}
COLOURS = dict(zip(MARKS, (*sns.color_palette("colorblind", 2), "0.4"), strict=True))
"""How kinds of classifiers are drawn."""
LOWEST = {"accuracy": 0.0, "MAcc": 0.0, "AUC": 0.0, "r": -1.0}
"""Least that a measure of classifiers can be; the most is 1."""
INTERVALS = "bars are 95 % intervals over speakers"


def main(cfg: DictConfig) -> None:
    """Draw every figure."""
    results = config.paper_folder(cfg, "results")
    tables = results / "tables"
    labels = method_labels(cfg)
    drawings = {
        "methods": partial(methods, tables, labels),
        "ranks": partial(ranks, tables / "ranks.csv", labels),
        "classifiers": partial(
            classifiers, tables / "classifiers.csv", classifier_names(compared_networks(cfg))
        ),
    }
    drawing.draw_all(drawings, results / "figures", cfg.processes)


def method_labels(cfg: DictConfig) -> dict[str, str]:
    """Display names of methods and controls, by their keys in the configuration."""
    groups = explainers(cfg, segments=1, silence="zero").values()
    return {
        key: variant_name(explainer.name, key)
        for group in groups
        for key, explainer in group.items()
    }


def methods(tables: Path, labels: dict[str, str], path: Path) -> None:
    """A row a method, the best in front, a panel a measure; dots are networks."""
    ranking, single = read_csv(tables / "ranks.csv"), read_csv(tables / "methods.csv")
    names = in_order(ranking)
    data = ", ".join(single.data.unique())
    legend = (
        "How good are explanations of the papers' networks? Large: mean over networks, black where "
        "a method beats every control\n(grey band) on the same clips; small: one network each; "
        f"{INTERVALS}. {data}"
    )
    with plots.figure(path, 1, len(MEASURES), (1.85, 1.2 + 0.24 * len(names)), legend) as panels:
        for panel, measure in zip(panels[0], MEASURES, strict=True):
            draw_networks(panel, single, measure, names)
            averages(panel, ranking[ranking.measure == measure].set_index("method"), names)
            described(panel, measure)
            panel.tick_params("y", labelleft=measure == "deletion")
        rows(panels[0], ranking, names, labels)
        plots.legend_below(panels[0, 0], columns=4)


def in_order(ranking: pd.DataFrame) -> list[str]:
    """Methods by their rank over all measures, then controls."""
    overall = ranking[ranking.measure == OVERALL].assign(last=lambda table: table.kind == CONTROL)
    return list(overall.sort_values(["last", "rank"]).method)


def draw_networks(panel: Axes, single: pd.DataFrame, measure: str, names: list[str]) -> None:
    """A dot a network and method, in the colour of its paper."""
    for paper, own in single.groupby("paper", sort=False):
        heights = own.method.map(names.index) + 0.22
        panel.plot(own[measure], heights, "o", ms=3, alpha=0.8, mew=0, label=paper)


def averages(panel: Axes, means: pd.DataFrame, names: list[str]) -> None:
    """Means over networks with their intervals; a word where nothing is known."""
    if means.value.isna().all():
        panel.text(0.5, 0.5, "not known", ha="center", transform=panel.transAxes)
    for height, name in enumerate(names):
        row = means.loc[name]
        filled = "black" if row.beats_controls == "yes" else "white"
        panel.plot([row.value_low, row.value_high], [height] * 2, color="black", lw=1)
        panel.plot(row.value, height, "o", ms=4.5, mfc=filled, mec="black", mew=0.9)


def described(panel: Axes, measure: str) -> None:
    """Say what is measured, where chance is, and which end is better."""
    better = "more is better →" if MEASURES[measure] > 0 else "← less is better"
    panel.set(xlabel=MEASURE_LABELS[measure], title=f"{measure}\n{better}")
    if measure in CHANCE:
        panel.axvline(CHANCE[measure], color="0.5", ls=":", lw=0.8)
    if measure == "seconds":
        panel.set_xscale("log")


def rows(
    panels: np.ndarray, ranking: pd.DataFrame, names: list[str], labels: dict[str, str]
) -> None:
    """Name the rows of all panels `(panels,)` by index, and shade those of controls."""
    overall = ranking[ranking.measure == OVERALL].set_index("method")
    most = int(overall.networks.max())
    ticks = [
        labels[name] + (f" ({int(few)} of {most})" if few < most else "")
        for name, few in overall.networks[names].items()
    ]
    controls = int((overall.kind == CONTROL).sum())
    for panel in panels:
        panel.set_yticks(range(len(names)), ticks)
        panel.set_ylim(len(names) - 0.4, -0.6)
        panel.axhspan(len(names) - controls - 0.5, len(names) - 0.4, color=BAND, zorder=0)
        panel.grid(axis="y", color="0.9", lw=0.5, zorder=0)


def ranks(table: Path, labels: dict[str, str], path: Path) -> None:
    """A row a method, a column a measure; in each cell the mean rank."""
    ranking = read_csv(table)
    names, columns = in_order(ranking), [OVERALL, *MEASURES]
    mean = ranking.pivot(index="method", columns="measure", values="rank").loc[names, columns]
    beats = ranking.pivot(index="method", columns="measure", values="beats_controls")
    starred = np.where(beats.loc[names, columns] == "yes", "*", "")
    shown = mean.map(lambda rank: "" if np.isnan(rank) else f"{rank:.1f}") + starred
    legend = (
        f"Mean rank over networks, 1 is the best of {len(names)}; * beats every control\n"
        "overall: deletion, insertion, localisation, randomisation, stability; empty: no ranks"
    )
    with plots.figure(path, 1, 1, (8.4, 1.3 + 0.24 * len(names)), legend) as panels:
        panel = panels[0, 0]
        shades = ListedColormap(sns.color_palette("light:#0173b2_r", 256).as_hex())
        sns.heatmap(mean, annot=shown, fmt="", cmap=shades, ax=panel, cbar=False, lw=0.5,
                    annot_kws={"size": 8})  # fmt: skip
        controls = int((ranking[ranking.measure == OVERALL].kind == CONTROL).sum())
        panel.axhline(len(names) - controls, color="black", lw=1.2)
        panel.axvline(1, color="black", lw=1.2)
        panel.set_yticks(np.arange(len(names)) + 0.5, [labels[name] for name in names], rotation=0)
        panel.set(xlabel="", ylabel="")
        panel.xaxis.tick_top()
        panel.tick_params(length=0)


def classifiers(table: Path, labels: dict[str, str], path: Path) -> None:
    """A panel a task, a row a classifier."""
    scores = read_csv(table)
    tasks = list(scores.groupby(["paper", "task", "data"], sort=False))
    legend = f"Is a simple peer as good as the papers' classifiers? {INTERVALS}"
    with plots.figure(path, 1, len(tasks), (3.0, 2.6), legend) as panels:
        for panel, ((paper, task, data), own) in zip(panels[0], tasks, strict=True):
            compared(panel, own.reset_index(drop=True), labels)
            panel.set_title(f"{paper}: {task}\n{data}")
        kinds = [panels[0, 0].plot([], [], mark, color=COLOURS[kind], label=kind)[0]
                 for kind, mark in MARKS.items()]  # fmt: skip
        panels[0, 0].figure.legend(
            handles=kinds, loc="outside lower center", ncols=len(kinds), frameon=False
        )


def compared(panel: Axes, own: pd.DataFrame, labels: dict[str, str]) -> None:
    """The classifiers of one task with their intervals, on the whole scale of the measure."""
    for row in own.itertuples():
        panel.plot([row.low, row.high], [row.Index] * 2, color=COLOURS[row.kind], lw=1.2)
        panel.plot(row.value, row.Index, MARKS[row.kind], ms=5, color=COLOURS[row.kind])
    measure = own.measure.iloc[0]
    panel.set_yticks(range(len(own)), own.classifier.map(labels))
    panel.invert_yaxis()
    panel.set(xlabel=f"{measure}, n = {own.n.max()}", xlim=(LOWEST[measure] - 0.03, 1.03))
