"""How well ratings are predicted, beside what is published, and what explainability costs."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.midlevel.figures import names
from reproduction.csv_files import read_csv
from reproduction.results import drawing

LEGEND = "Pearson's r over {songs} songs of {corpus}; {runs}, 95 % intervals"


def correlations(table: Path, path: Path) -> None:
    """A row an emotion: each scheme's r, what is published, and the cost."""
    rows = read_csv(table)
    with plots.figure(path, 1, 2, (5.2, 4.2), legend(rows)) as panels:
        draw(panels[0, 0], rows, "emotion")
        crosses(panels[0, 0], rows)
        panels[0, 0].set(xlabel="Pearson's r")
        panels[0, 0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, ncols=2)
        draw(panels[0, 1], drawing.with_interval(rows, "cost"), "emotion")
        panels[0, 1].axvline(0, color="0.5", lw=0.5)
        panels[0, 1].set(xlabel="cost of explainability (r lost against A2E)")


def midlevel(table: Path, path: Path) -> None:
    """A row a mid-level feature: the r of both schemes that predict them."""
    rows = read_csv(table)
    with plots.figure(path, 1, 1, (5.6, 4.0), legend(rows)) as panels:
        # A2E has no mid-level features: the other schemes keep the colours of `correlations`.
        panels[0, 0].set_prop_cycle(color=sns.color_palette("colorblind")[1:])
        draw(panels[0, 0], rows, "midlevel")
        panels[0, 0].set(xlabel="Pearson's r")
        panels[0, 0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, ncols=2)


def legend(rows: pd.DataFrame) -> str:
    """The legend: of which songs, and over how many runs."""
    several = rows.runs.max() > 1
    runs = f"mean of {rows.runs.max()} runs" if several else "each tested once, by folds"
    return LEGEND.format(songs=rows.songs.max(), corpus=rows.corpus.iloc[0], runs=runs)


def draw(panel: Axes, rows: pd.DataFrame, of: str) -> None:
    """Values with their intervals, the mean of all below a line."""
    shown = rows.assign(**{of: rows[of].map(names.rating)})
    drawing.draw_intervals(panel, shown, of, "scheme")
    panel.axhline(shown[of].nunique() - 1.5, color="0.8", lw=0.8)


def crosses(panel: Axes, rows: pd.DataFrame) -> None:
    """What is published of other songs, as a cross above each value of ours."""
    schemes, groups = list(rows.scheme.unique()), list(rows.emotion.unique())
    for index, scheme in enumerate(schemes):
        own = rows[(rows.scheme == scheme) & rows.published.notna()]
        heights = [groups.index(e) + (index - (len(schemes) - 1) / 2) * 0.2 for e in own.emotion]
        label = "published, of the Soundtracks set" if index == 0 else None
        panel.plot(own.published, heights, "x", color="0.3", ms=4, label=label)
