"""Whether methods say the same."""

from pathlib import Path

import pandas as pd
import seaborn as sns

from earwitness.present import plots
from reproduction.csv_files import read_csv

MEASURES = {
    "rank correlation": "rank correlation over bins of 100 ms",
    "same top state": "share of clips with the same top state",
}


def agreement(table: Path, labels: dict[str, str], path: Path) -> None:
    """A map a measure, each two methods a cell."""
    rows = read_csv(table)
    with plots.figure(path, 1, 2, (5.4, 4.0)) as panels:
        for panel, (measure, title) in zip(panels[0], MEASURES.items(), strict=True):
            matrix = square(rows[rows.measure == measure], labels)
            sns.heatmap(matrix, vmin=0, vmax=1, cmap="Blues", annot=True, fmt=".2f", ax=panel,
                        annot_kws={"size": 6}, cbar=False, linewidths=0.5)  # fmt: skip
            panel.set_title(title)
            panel.set_xticks(panel.get_xticks(), matrix.columns, rotation=45, ha="right")
            panel.set(xlabel="", ylabel="")


def square(rows: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """A symmetric matrix of the values of two methods each, in the order of their `labels`."""
    turned = rows.rename(columns={"first": "second", "second": "first"})
    matrix = pd.concat([rows, turned]).pivot(index="first", columns="second", values="mean")
    order = [method for method in labels if method in matrix.index]
    return matrix.reindex(index=order, columns=order).rename(index=labels, columns=labels)
