"""Figures of a paper: drawn in parallel, and tables with intervals as points with error bars."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reproduction.parallel import each


def draw_all(drawings: Mapping[str, Callable[[Path], None]], folder: Path, processes: int) -> None:
    """Draw figures, each by its function, as `<name>.png` under `folder`."""
    each(partial(_draw, folder), list(drawings.items()), processes, "drawing")


def _draw(folder: Path, drawing: tuple[str, Callable[[Path], None]]) -> None:
    """Draw a figure under its name."""
    name, function = drawing
    function(folder / f"{name}.png")


def intervals(panel: Axes, table: pd.DataFrame, of: str, by: str) -> None:
    """Draw `mean` of each row with its interval (`ci_low`, `ci_high`), grouped on the y axis."""
    groups, kinds = list(dict.fromkeys(table[of])), list(dict.fromkeys(table[by]))
    for index, kind in enumerate(kinds):
        rows = table[table[by] == kind]
        heights = [groups.index(name) + (index - (len(kinds) - 1) / 2) * 0.2 for name in rows[of]]
        reach = np.abs(rows[["ci_low", "ci_high"]].to_numpy().T - rows["mean"].to_numpy())
        panel.errorbar(rows["mean"], heights, xerr=reach, fmt="o", ms=4, capsize=2, label=kind)
    panel.set_yticks(range(len(groups)), groups)
    panel.invert_yaxis()


def with_interval(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """A table of `reproduction.results.means` with `value` in the columns that `intervals` draws."""
    low, high = table[f"{value}_low"], table[f"{value}_high"]
    return table.assign(mean=table[value], ci_low=low, ci_high=high)


def reach(table: pd.DataFrame, value: str) -> np.ndarray:
    """How far the interval of each `value` reaches below and above it, `(2, rows)`."""
    ends = table[[f"{value}_low", f"{value}_high"]].to_numpy()
    return np.abs(ends.T - table[value].to_numpy())
