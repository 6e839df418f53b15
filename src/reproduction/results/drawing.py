"""Figures of a paper: drawn in parallel, and tables with intervals as points with error bars."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reproduction.parallel import parallel_map


def draw_all(drawings: Mapping[str, Callable[[Path], None]], folder: Path, processes: int) -> None:
    """Draw figures, each by its function, as `<name>.png` in `folder`."""
    parallel_map(partial(_draw, folder), list(drawings.items()), processes, "drawing")


def _draw(folder: Path, drawing: tuple[str, Callable[[Path], None]]) -> None:
    """Draw one figure, given its name and function."""
    name, function = drawing
    function(folder / f"{name}.png")


def draw_intervals(panel: Axes, table: pd.DataFrame, y: str, hue: str) -> None:
    """Draw the `mean` of each row with its interval (`ci_low`, `ci_high`).

    Args:
        panel: where to draw.
        table: one row per point.
        y: column whose values are the places on the y axis.
        hue: column whose values have a colour each.
    """
    groups, kinds = list(dict.fromkeys(table[y])), list(dict.fromkeys(table[hue]))
    for index, kind in enumerate(kinds):
        rows = table[table[hue] == kind]
        heights = [groups.index(name) + (index - (len(kinds) - 1) / 2) * 0.2 for name in rows[y]]
        lengths = np.abs(rows[["ci_low", "ci_high"]].to_numpy().T - rows["mean"].to_numpy())
        panel.errorbar(rows["mean"], heights, xerr=lengths, fmt="o", ms=4, capsize=2, label=kind)
    panel.set_yticks(range(len(groups)), groups)
    panel.invert_yaxis()


def with_interval(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return a table of `means` with `value` in the columns that `draw_intervals` draws."""
    low, high = table[f"{value}_low"], table[f"{value}_high"]
    return table.assign(mean=table[value], ci_low=low, ci_high=high)


def error_bars(table: pd.DataFrame, value: str) -> np.ndarray:
    """Return the lengths of the error bars below and above each `value`, `(2, rows)`.

    They are in the unit of the value, as `Axes.errorbar` takes them.
    """
    ends = table[[f"{value}_low", f"{value}_high"]].to_numpy()
    return np.abs(ends.T - table[value].to_numpy())
