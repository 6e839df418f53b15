"""How well every model separates normal from abnormal, also on recordings of another origin."""

from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.heart.figures import names
from experiments.heart.tables.classification import SPLITS
from reproduction.csv_files import read_csv
from reproduction.results import drawing

LEGEND = "MAcc of recordings with its 95 % interval. Dotted: chance."


def classification(table: Path, published: Path, path: Path) -> None:
    """A panel for the split by record, for databases left out, and for each of these alone."""
    rows = read_csv(table)
    rows = rows[rows.unit == "recording"]
    rows = rows.assign(model=names.models(rows))
    order = list(dict.fromkeys(rows.model))
    splits = list(dict.fromkeys(rows.split.sort_values(key=lambda split: split.map(_place))))
    with plots.figure(path, 1, len(splits), (1.9, 3.2), LEGEND) as panels:
        for panel, split in zip(panels[0], splits, strict=True):
            own = rows[rows.split == split].set_index("model").loc[order]
            reach = drawing.error_bars(own, "MAcc")
            panel.errorbar(own.MAcc, range(len(own)), xerr=reach, fmt="o", ms=4, capsize=2)
            panel.axvline(0.5, color="0.6", ls=":", lw=1)
            panel.set(xlim=(0, 1.02), xlabel="MAcc", ylim=(len(own) - 0.4, -0.6))
            panel.set_yticks(range(len(own)), own.index if panel is panels[0, 0] else [])
            panel.set_title(f"{split}\n{own.n.max()} recordings")
        draw_levels(panels[0, 0], levels(published, rows.corpus.iloc[0]))


def _place(split: str) -> int:
    """Both splits first, then database after database."""
    known = list(SPLITS.values())
    return known.index(split) if split in known else len(known)


def draw_levels(panel: Axes, scores: list[dict[str, Any]]) -> None:
    """A thin line for each published score, named under the figure."""
    for one, style in zip(scores, cycle(("--", "-."))):
        label = f"{one['short']}: {one['value']:.3f}"
        panel.axvline(one["value"], color="0.3", ls=style, lw=0.8, label=label)
    if scores:
        panel.figure.legend(loc="outside lower left", ncols=len(scores), frameon=False)


def levels(published: Path, corpus: str) -> list[dict[str, Any]]:
    """Published scores that have a short name, if one of them is of this corpus.

    The others are of its hidden part and say so in their names.
    """
    named = [one for one in yaml.safe_load(published.read_text())["scores"] if "short" in one]
    return named if corpus in [one["data"] for one in named] else []
