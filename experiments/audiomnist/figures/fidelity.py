"""How well answers are recognised in their audible explanations."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from earwitness.corpora.audiomnist import CLASSES
from earwitness.present import plots
from experiments.audiomnist.explain import CONTROL, NETWORKS
from reproduction.csv_files import read_csv

CONTROLS = {"moved": "control: LRP's mask moved", CONTROL: "control: what is loud"}
LISTENERS = {"itself": "the network itself listens", "others": "the other networks listen"}
TITLE = (
    "Probability of a network's answer in what its explanation makes audible, and in the rest of "
    "the clip\n(masked short-time spectrum; bars and bands: 95 % over speakers). "
    "Where an explanation is good,\nthe filled dot lies at the line, the hollow one far below it, "
    "and both controls do worse."
)
SILENT = "0.45"
"""Grey of the controls."""


def fidelity(table: Path, labels: dict[str, str], path: Path) -> None:
    """A row of panels a study: the network itself listens, and the others do."""
    rows = read_csv(table)
    rows = rows[rows.rendering == "spectrogram"]
    studies = list(rows.groupby(["corpus", "task"], sort=False))
    with plots.figure(path, len(studies), 2, (4.6, 3.7), TITLE) as panels:
        for line, ((corpus, task), group) in zip(panels, studies, strict=True):
            for panel, (listener, text) in zip(line, LISTENERS.items(), strict=True):
                draw(panel, group[group.listener == listener], labels | CONTROLS)
                panel.axvline(1 / len(CLASSES[task]), color="0.6", ls=":", lw=1, zorder=0)
                first = group.iloc[0]
                counts = f"{first.clips} clips, {first.speakers} speakers"
                panel.set_title(f"{corpus}, {task}: {text}\n{counts}")
            line[1].tick_params(labelleft=False)
        panels[0, 0].figure.legend(
            handles=handles(), loc="outside lower center", ncols=4, frameon=False
        )


def draw(panel: Axes, rows: pd.DataFrame, methods: dict[str, str]) -> None:
    """For each network the probability in the clip, and for each method below it in both parts."""
    ticks: list[str] = []
    for network, name in NETWORKS.items():
        group = rows[rows.network == network].set_index("method")
        top = len(ticks)
        ticks += [name, *methods.values()]
        whole = group.loc["lrp"]
        panel.plot([whole.p] * 2, [top + 0.5, len(ticks) - 0.5], color="black", lw=1)
        panel.fill_betweenx([top + 0.5, len(ticks) - 0.5], whole.p_low, whole.p_high, color="0.9")
        for row, method in enumerate(methods, top + 1):
            draw_parts(panel, row, group.loc[method])
    panel.set_yticks(range(len(ticks)), ticks)
    for label in panel.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in NETWORKS.values() else "normal")
    panel.set(xlim=(-0.02, 1.02), xlabel="probability of the explained answer")
    panel.tick_params(axis="y", length=0)
    panel.invert_yaxis()


def draw_parts(panel: Axes, row: int, of: pd.Series) -> None:
    """The audible part, filled, and the rest, hollow, a little below it."""
    is_control = of.name in CONTROLS
    for part, colour, face, lower in (
        ("heard", plots.POSITIVE_COLOUR, None, -0.15),
        ("rest", plots.NEGATIVE_COLOUR, "white", 0.15),
    ):
        shade = SILENT if is_control else colour
        reach = np.abs(of[[f"{part}_low", f"{part}_high"]].to_numpy(float) - of[part])
        panel.errorbar(
            of[part],
            row + lower,
            xerr=reach[:, None],
            fmt="o",
            ms=4,
            capsize=1.5,
            lw=0.9,
            color=shade,
            mfc=face or shade,
        )


def handles() -> list[Line2D]:
    """What the marks mean."""
    heard = Line2D([], [], color=plots.POSITIVE_COLOUR, label="what is heard")
    rest = Line2D(
        [], [], color=plots.NEGATIVE_COLOUR, mfc="white", label="the rest (grey: controls)"
    )
    for dot in (heard, rest):
        dot.set(marker="o", ms=4, ls="")
    whole = Line2D([], [], color="black", lw=1, label="whole clip")
    return [whole, heard, rest, Line2D([], [], color="0.6", ls=":", lw=1, label="chance")]
