"""Mid-level features by emotions: how ratings go together, and the last layer's weights."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.midlevel.figures import names
from reproduction.csv_files import read_csv

TOLD = {
    "mean": "{scheme}: mean of all trainings",
    "planted": "planted",
    "published": "published, one network trained jointly",
}


def annotation_correlations(table: Path, path: Path) -> None:
    """Ours, and the published ones of the Soundtracks set where features have the same names."""
    rows = read_csv(table)
    whose = "labelled" if (rows.midlevel_by == "labels").all() else "predicted"
    shown = {f"{rows.corpus.iloc[0]}, mid-level features as {whose}": square(rows, "r")}
    if rows.published.notna().all():
        shown["published: Soundtracks"] = square(rows, "published")
    with plots.figure(path, 1, len(shown), (5.4, 3.4), "Pearson's r of ratings") as panels:
        for panel, (title, matrix) in zip(panels[0], shown.items(), strict=True):
            draw(panel, matrix, title)


def weights(table: Path, path: Path) -> None:
    """Both schemes' last layers, what was planted, and what is published."""
    rows = read_csv(table)
    shown = {
        TOLD["mean"].format(scheme=scheme): square(own, "mean")
        for scheme, own in rows.groupby("scheme", sort=False)
    }
    one = rows[rows.scheme == rows.scheme.iloc[0]]
    for known in ("planted", "published"):
        if known in one and one[known].notna().all():
            shown[TOLD[known]] = square(one, known)
    legend = f"Weights of mid-level features for emotions ({rows.corpus.iloc[0]})"
    with plots.figure(path, -(-len(shown) // 2), 2, (5.4, 3.2), legend) as panels:
        for panel, (title, matrix) in zip(panels.flat, shown.items(), strict=False):
            draw(panel, matrix, title)
        for panel in panels.flat[len(shown) :]:
            panel.set_axis_off()


def square(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Rows as a matrix, features and emotions in the order of the table."""
    matrix = rows.pivot(index="midlevel", columns="emotion", values=value)
    ordered = matrix.loc[rows.midlevel.unique(), rows.emotion.unique()]
    return ordered.rename(index=names.rating, columns=names.rating)


def draw(panel: Axes, matrix: pd.DataFrame, title: str) -> None:
    """A matrix with its numbers, white at zero."""
    limit = max(float(matrix.abs().max().max()), 1e-9)
    sns.heatmap(matrix, cmap=plots.RELEVANCE_CMAP, vmin=-limit, vmax=limit, annot=True, fmt=".2f",
                annot_kws={"size": 7}, ax=panel, cbar=False, linewidths=0.5)  # fmt: skip
    panel.set(xlabel="", ylabel="")
    panel.set_title(title)
    panel.set_xticks(panel.get_xticks(), matrix.columns, rotation=40, ha="right")
