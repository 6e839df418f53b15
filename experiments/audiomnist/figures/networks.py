"""How well the networks answer for what their training costs."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from earwitness.present import plots
from experiments.audiomnist.explain import NETWORKS
from reproduction.csv_files import read_csv

MARKERS = dict(zip(NETWORKS, "osD", strict=True))
LEGEND = "Test accuracy with its 95 % interval over speakers; M: million parameters."


def networks(table: Path, path: Path) -> None:
    """Accuracy against the cost of training, a study a panel; the simple peer is a line."""
    rows = read_csv(table)
    studies = list(rows.groupby(["corpus", "task"], sort=False))
    with plots.figure(path, 1, len(studies), (3.6, 3.0), LEGEND) as panels:
        for panel, ((corpus, task), study) in zip(panels[0], studies, strict=True):
            draw(panel, study)
            panel.set_title(f"{corpus}, {task}")
            panel.set(xlim=(rows.training_gmac.min() / 2, rows.training_gmac.max() * 2))
            panel.set(ylim=(rows[["mean", "ci_low"]].min(axis=None) - 0.03, 1.03))
        panels[0, -1].legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def draw(panel: Axes, study: pd.DataFrame) -> None:
    """One study."""
    rows = study.set_index("network")
    for name, marker in MARKERS.items():
        draw_network(panel, rows.loc[name], marker, NETWORKS[name])
    peer = rows.loc["mfcc_logistic"]
    panel.axhline(peer["mean"], color="0.4", ls="--", lw=1, label="MFCC, linear")
    panel.axhspan(peer.ci_low, peer.ci_high, color="0.9", zorder=0)
    panel.set(xscale="log", xlabel="training (10⁹ multiply-accumulates)", ylabel="accuracy")


def draw_network(panel: Axes, row: pd.Series, marker: str, name: str) -> None:
    """A network's accuracy, its interval and how many parameters it has."""
    place, accuracy = row.training_gmac, row["mean"]
    reach = [[accuracy - row.ci_low], [row.ci_high - accuracy]]
    label = f"{name}, {row.parameters / 1e6:.1f} M"
    panel.errorbar(place, accuracy, reach, fmt=marker, ms=5, capsize=2, label=label)
