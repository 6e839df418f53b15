"""What the length of the occluded window does to what one sees."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from earwitness.present import plots
from earwitness.sound.heart_cycle import STATES
from experiments.heart.checks.windows import OCCLUSION
from experiments.heart.figures import names
from reproduction.csv_files import read_csv

Colour = str | tuple[float, float, float]
GREY = "0.2"
LEGEND = "Occlusion by the length of its window. Bands: 95 % intervals over subjects."


def occlusion_windows(table: Path, localisation: Path, path: Path) -> None:
    """Shares of states, likeness with GradientSHAP, and hits of planted murmurs where there are."""
    rows, hits = read_csv(table), of_windows(read_csv(localisation))
    with plots.figure(path, 1, 3 if len(hits) else 2, (3.7, 2.9), LEGEND) as panels:
        draw_shares(panels[0, 0], rows)
        draw_likeness(panels[0, 1], rows)
        if len(hits):
            draw_hits(panels[0, 2], hits)
        for panel in panels[0]:
            panel.set(xlabel="occluded window (ms)", xscale="log")
            panel.set_xticks(*2 * [rows.window_ms.unique()])
            panel.minorticks_off()
        panels[0, 0].figure.legend(loc="outside lower center", ncols=len(STATES), frameon=False)


def draw_shares(panel: Axes, rows: pd.DataFrame) -> None:
    """What each state has of what speaks for the class."""
    for state in STATES:
        own = rows[rows.state == state]
        colour = names.COLOURS[state]
        draw(panel, own, "share", colour, label=state)
        panel.plot(own.window_ms, own.chance, ls=":", color=colour)
    panel.set(ylabel='share of what speaks\nfor "abnormal"', ylim=(0, None))
    panel.set_title(f"{rows.clips.max()} clips; dotted: share of the time")


def draw_likeness(panel: Axes, rows: pd.DataFrame) -> None:
    """How like GradientSHAP an occlusion is, which is the same for every state."""
    draw(panel, rows[rows.state == STATES[0]], "alike", GREY)
    panel.set(
        ylabel="rank correlation\nwith GradientSHAP", ylim=(min(0, rows.alike_low.min()), 1.02)
    )


def draw_hits(panel: Axes, hits: pd.DataFrame) -> None:
    """How many planted murmurs are found."""
    draw(panel, hits, "hit", GREY)
    panel.plot(hits.window_ms, hits.chance, ls=":", color=GREY)
    panel.set(ylabel="planted murmurs hit", ylim=(0, 1.02))
    panel.set_title(f"{hits.clips.max()} murmurs, answered right; dotted: chance")


def draw(panel: Axes, rows: pd.DataFrame, name: str, colour: Colour, label: str = "") -> None:
    """A value with its interval, along the windows."""
    panel.plot(rows.window_ms, rows[name], marker="o", ms=4, color=colour, label=label)
    limits = rows[f"{name}_low"], rows[f"{name}_high"]
    panel.fill_between(rows.window_ms, *limits, color=colour, alpha=0.2, lw=0)


def of_windows(localisation: pd.DataFrame) -> pd.DataFrame:
    """The rows of the occlusions of murmurs that the network answered right, by their window."""
    length = localisation.method.astype(str).str.extract(OCCLUSION)[0]
    rows = localisation.assign(window_ms=pd.to_numeric(length))
    return rows[rows.window_ms.notna() & rows.right.astype(bool)].sort_values("window_ms")
