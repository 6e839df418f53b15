"""How accuracy falls while samples are set to zero."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from earwitness.corpora.audiomnist import CLASSES
from earwitness.present import plots
from experiments.audiomnist.explain import NETWORKS
from reproduction.csv_files import read_csv

PAPERS = "random", "amplitude", "lrp"
"""The choices of the paper, drawn with their intervals; those that are ours are dashed."""
LEGEND = "Shaded: 95 % interval over speakers. Dashed: not in the paper."


def sample_manipulation(table: Path, labels: dict[str, str], path: Path) -> None:
    """Accuracy over the share of samples set to zero, a study a panel and a method a curve."""
    rows = read_csv(table, text=["percent"])
    rows = rows[~rows.percent.str.contains("-")].astype({"percent": float})
    studies = list(rows.groupby(["corpus", "task"], sort=False))
    with plots.figure(path, 1, len(studies), (3.6, 3.4), LEGEND) as panels:
        for panel, (kind, study) in zip(panels[0], studies, strict=True):
            draw(panel, study, labels)
            first = study.iloc[0]
            counts = f"{first.clips} clips, {first.speakers} speakers"
            panel.set_title(f"{', '.join(kind)}: {NETWORKS[first.network]}\n{counts}")
        panels[0, 0].set_ylabel("accuracy")
        plots.legend_below(panels[0, 0], columns=4)


def draw(panel: Axes, study: pd.DataFrame, labels: dict[str, str]) -> None:
    """Curves of one study, the accuracy with all samples at zero apart from them, and chance."""
    some, whole = study[study.percent < 100], study[study.percent == 100].iloc[0]
    end = some.percent.max()
    for method, curve in some.groupby("method", sort=False):
        mark = "o-" if method in PAPERS else "v--"
        (line,) = panel.plot(curve.percent, curve["mean"], mark, ms=3, lw=1.2, label=labels[method])
        if method in PAPERS:
            limits = curve.ci_low, curve.ci_high
            panel.fill_between(curve.percent, *limits, color=line.get_color(), alpha=0.15, lw=0)
    reach = [[whole["mean"] - whole.ci_low], [whole.ci_high - whole["mean"]]]
    panel.errorbar(1.15 * end, whole["mean"], reach, fmt="ks", ms=4, capsize=2, label="all at zero")
    panel.axhline(1 / len(CLASSES[whole.task]), color="0.6", ls=":", label="guessing")
    break_axis(panel, end)


def break_axis(panel: Axes, end: float) -> None:
    """Name the percentages up to `end`, and 100 behind a gap."""
    ticks = [end * step / 5 for step in range(6)]
    panel.set_xticks([*ticks, 1.15 * end], [*(f"{tick:g}" for tick in ticks), "100"])
    panel.set(xlim=(0, 1.22 * end), ylim=(-0.03, 1.04), xlabel="samples set to zero (%)")
    bottom = panel.get_xaxis_transform()
    panel.text(
        1.07 * end, 0, "//", ha="center", va="center", backgroundcolor="white", transform=bottom
    )
