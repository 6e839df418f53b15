"""Where the values of an explanation are drawn: positions, edges of cells, labels of axes.

Positions along time are in s, along frequency in kHz, along any other axis in its own unit.
"""

import numpy as np
from matplotlib.axes import Axes

from earwitness.explain.explanation import Axis, Explanation


def cell_edges(explanation: Explanation) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the cells along the last two axes, as `pcolormesh` takes them.

    Returns:
        `(columns + 1,)` along the last axis and `(rows + 1,)` along the one before, as positions.
    """
    vertical, horizontal = explanation.axes[-2:]
    return axis_edges(horizontal), axis_edges(vertical)


def axis_edges(axis: Axis) -> np.ndarray:
    """Edges `(entries + 1,)` of the entries of an axis, as positions.

    Entries in time or frequency do not reach below zero if the first of them does not.
    """
    edges = edges_between(positions(axis))
    return edges.clip(min=0) if axis.unit and axis.values[0] >= 0 else edges


def positions(axis: Axis) -> np.ndarray:
    """Positions `(entries,)` of the entries of an axis: frequencies in kHz, others in its unit."""
    values = axis.values.double().numpy()
    return values / 1000 if axis.unit == "Hz" else values


def edges_between(centres: np.ndarray) -> np.ndarray:
    """Edges `(n + 1,)` of cells around `centres` `(n,)`, midway between them, in the same unit."""
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    middles = (centres[:-1] + centres[1:]) / 2
    return np.r_[2 * centres[0] - middles[0], middles, 2 * centres[-1] - middles[-1]]


def label_cells(panel: Axes, explanation: Explanation) -> None:
    """Label the last two axes of an explanation; entries that have names get ticks of their own."""
    vertical, horizontal = explanation.axes[-2:]
    panel.set(xlabel=axis_label(horizontal), ylabel=axis_label(vertical))
    if vertical.labels:
        panel.set_yticks(positions(vertical), vertical.labels)
    if horizontal.labels:
        panel.set_xticks(positions(horizontal), horizontal.labels)


def axis_label(axis: Axis) -> str:
    """Name and unit of an axis, for its label."""
    unit = "kHz" if axis.unit == "Hz" else axis.unit
    return f"{axis.name} ({unit})" if unit else axis.name
