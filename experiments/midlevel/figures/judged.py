"""How the black box's explanation and the explainable network's compare."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.midlevel.answers import SCHEMES
from experiments.midlevel.figures import names
from reproduction.csv_files import read_csv
from reproduction.results import drawing

INTERVALS = "95 % intervals"
WIDTH = 10.0
"""Of a figure at least, in inches: as wide as its legend."""


def agreement(table: Path, path: Path) -> None:
    """A row an emotion, a mark a way to divide songs."""
    rows = read_csv(table)
    shown = drawing.with_interval(rows, "value").assign(by=rows.by.map(names.BY))
    legend = (
        "Do Shapley values of the black box (A2E) and of A2Mid2E-Joint agree on which part of a "
        f"song matters?\n{rows.songs.max()} songs of {rows.corpus.iloc[0]}, {INTERVALS}"
    )
    with plots.figure(path, 1, 1, (7.0, 3.8), legend) as panels:
        drawing.draw_intervals(panels[0, 0], shown, "emotion", "by")
        panels[0, 0].axvline(0, color="0.5", lw=0.5)
        panels[0, 0].set(xlabel="rank correlation over the parts of a song", xlim=(None, 1.02))
        panels[0, 0].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def faithfulness(table: Path, path: Path) -> None:
    """Deletion above, insertion below, a panel a way to divide songs."""
    rows = read_csv(table)
    ways = list(dict.fromkeys(rows.by))
    legend = (
        "How far ratings fall as parts are deleted, and rise as they are inserted, the highest "
        f"ranked first\n{rows.songs.max()} songs, mean over emotions and steps; {INTERVALS}"
    )
    size = max(4.2, WIDTH / len(ways)), 2.2
    with plots.figure(path, 2, len(ways), size, legend) as panels:
        for column, by in zip(panels.T, ways, strict=True):
            own = rows[rows.by == by]
            draw(column[0], own, "drop", "fall by deletion (rating)")
            draw(column[1], own, "rise", "rise by insertion (rating)")
            column[0].set_title(names.BY[by])
            for panel in column:
                panel.tick_params("y", labelleft=by == ways[0])
        plots.legend_below(panels[0, 0], columns=4)


def draw(panel: Axes, rows: pd.DataFrame, value: str, label: str) -> None:
    """A group a network, a mark a ranking that is followed."""
    shown = drawing.with_interval(rows, value).assign(
        asked=rows.model.map(SCHEMES), followed=rows.ranking.map(names.RANKINGS)
    )
    drawing.draw_intervals(panel, shown, "asked", "followed")
    panel.axvline(0, color="0.5", lw=0.5)
    panel.set_xlabel(label)


def cause(table: Path, planted: str, path: Path) -> None:
    """How often the largest value is where the cause was `planted`, a panel a way to divide."""
    rows = read_csv(table).fillna({"rating": ""})
    ways = list(dict.fromkeys(rows.by))
    legend = f"Is the cause found? {planted} {INTERVALS}; dotted: chance"
    with plots.figure(path, 1, max(1, len(ways)), (4.4, 2.6), legend) as panels:
        for panel, by in zip(panels[0], ways, strict=False):
            hits(panel, rows[rows.by == by])
            panel.set_title(f"{names.BY[by]}, {rows.songs.max()} songs")
            panel.tick_params("y", labelleft=by == ways[0])
        if not ways:
            panels[0, 0].set_axis_off()
            panels[0, 0].text(0.5, 0.5, "nothing was planted in these songs", ha="center")


def hits(panel: Axes, rows: pd.DataFrame) -> None:
    """A row an explanation."""
    labels = [names.explained(*pair) for pair in zip(rows.model, rows.rating, strict=True)]
    reach = drawing.error_bars(rows, "hit")
    panel.errorbar(rows.hit, range(len(rows)), xerr=reach, fmt="o", ms=4, capsize=2)
    panel.axvline(rows.chance.mean(), color="0.4", ls=":")
    panel.set_yticks(range(len(rows)), labels)
    panel.invert_yaxis()
    panel.set(xlabel="songs in which it is found", xlim=(-0.03, 1.03))
