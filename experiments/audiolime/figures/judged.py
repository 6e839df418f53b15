"""Agreement, planted causes, fidelity and the quality of separation, as pictures."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.audiolime.checks import localisation as locating
from experiments.audiolime.figures import names
from reproduction.csv_files import read_csv
from reproduction.results import drawing

NOTHING = "nothing was planted in this music"


def agreement(table: Path, labels: dict[str, str], data: str, path: Path) -> None:
    """A row for each explanation that audioLIME is compared with, a mark for each tagger."""
    rows = read_csv(table)
    shown = rows.assign(tagger=rows.tagger.map(names.tagger), second=rows.second.map(labels))
    legend = (
        "Similarity of other explanations of the same clips to audioLIME\n"
        f"(estimated sources, silence where they are off). {data}; {names.INTERVALS}"
    )
    with plots.figure(path, 1, 2, (6.6, 3.6), legend) as panels:
        for panel, value, label in zip(
            panels[0],
            ("rank_correlation", "time"),
            ("rank correlation over components", "rank correlation over time"),
            strict=True,
        ):
            own = drawing.with_interval(shown.dropna(subset=value), value)
            drawing.draw_intervals(panel, own, "second", "tagger")
            panel.axvline(0, color="0.5", lw=0.5)
            panel.set(xlabel=label, xlim=(None, 1.02))
        panels[0, 0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False, ncols=3)


def localisation(table: Path, labels: dict[str, str], data: str, path: Path) -> None:
    """A panel a tagger and measure, a row a method that divides clips, a mark an explanation."""
    rows = locating.with_most_draws(read_csv(table))
    taggers = list(dict.fromkeys(rows.tagger))
    legend = (
        "Is the planted cause of a tag found? Area under the ROC curve; dotted: chance\n"
        f"{data}; {names.INTERVALS}"
    )
    measures = {"auc_time": "segments of the passage", "auc": "the source during the passage"}
    with plots.figure(path, 2, max(1, len(taggers)), (5.2, 3.2), legend) as panels:
        for column, tagger in zip(panels.T, taggers, strict=False):
            own = rows[rows.tagger == tagger]
            for panel, (measure, label) in zip(column, measures.items(), strict=True):
                known = drawing.with_interval(own.dropna(subset=measure), measure)
                shown = known.assign(by=known.method.map(labels))
                drawing.draw_intervals(panel, shown, "by", "explanation")
                panel.axvline(0.5, color="0.4", ls=":")
                panel.set(xlabel=f"AUC, {label}", title=names.tagger(tagger), xlim=(0.2, 1.02))
                panel.tick_params("y", labelleft=tagger == taggers[0])
        if taggers:
            plots.legend_below(panels[0, 0], columns=5)
        for panel in panels.flat if not taggers else ():
            empty(panel)


def fidelity_vs_truth(rows: pd.DataFrame, labels: dict[str, str], data: str, path: Path) -> None:
    """A point a clip of the check `localisation`: fidelity of its surrogate, AUC of its values."""
    rows = locating.with_most_draws(rows.dropna(subset="r2"))
    methods = ["audiolime", "slime"]
    taggers = list(dict.fromkeys(rows.tagger))
    legend = (
        "Is an explanation right where its surrogate is faithful? Each point is a clip;\n"
        f"{data}; dotted: chance"
    )
    with plots.figure(path, max(1, len(taggers)), len(methods), (4.4, 3.2), legend) as panels:
        for line, tagger in zip(panels, taggers, strict=False):
            for panel, method in zip(line, methods, strict=True):
                draw_clips(panel, rows[(rows.tagger == tagger) & (rows.method == method)])
                panel.set_title(f"{names.tagger(tagger)}, {labels[method]}")
        for panel in panels.flat if not taggers else ():
            empty(panel)


def draw_clips(panel: Axes, rows: pd.DataFrame) -> None:
    """A point a clip, a colour an explanation."""
    sns.scatterplot(rows, x="r2", y="auc_time", hue="explanation", ax=panel, s=18, alpha=0.7,
                    palette="colorblind", style="explanation")  # fmt: skip
    panel.axhline(0.5, color="0.4", ls=":")
    panel.set(xlabel="fidelity: R² of the surrogate", ylabel="AUC over segments")
    panel.set(ylim=(-0.03, 1.03))
    panel.legend(frameon=False, loc="lower right")


def separation(table: Path, data: str, path: Path) -> None:
    """A row a source: SI-SDR of Open-Unmix on test songs, and of the whole song as the estimate."""
    rows = read_csv(table)
    legend = f"Separation of songs left out (Open-Unmix, trained here)\n{names.INTERVALS}"
    parts = [
        drawing.with_interval(rows, value).assign(
            what=f"{label} ({rows.si_sdr_n.max()} songs at most)"
        )
        for value, label in (("si_sdr", "separated"), ("mixture", "the whole song"))
    ]
    with plots.figure(path, 1, 1, (6.0, 3.2), legend) as panels:
        if rows.empty:
            empty(panels[0, 0], "no separator was trained")
            return
        drawing.draw_intervals(panels[0, 0], pd.concat(parts), "source", "what")
        panels[0, 0].set(xlabel="SI-SDR (dB)")
        panels[0, 0].legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def empty(panel: Axes, why: str = NOTHING) -> None:
    """A panel that says why nothing is drawn."""
    panel.set_axis_off()
    panel.text(0.5, 0.5, why, ha="center")
