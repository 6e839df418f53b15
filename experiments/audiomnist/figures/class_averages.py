"""Mean relevance of each class, a network a row."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from earwitness.present import plots
from experiments.audiomnist.checks.class_averages import map_path
from experiments.audiomnist.explain import NETWORKS
from reproduction import sweep


def class_averages(cfg: DictConfig, task: str, path: Path) -> None:
    """Mean share of positive relevance over frequency and time, for every study of a task."""
    names = sweep.corpus_names(cfg)
    rows = {
        f"{names[study]}\n{NETWORKS[network]}": Explanation.load(map_path(cfg, study, network))
        for study, settings in cfg.studies.items()
        for network in cfg.explain.explainers
        if settings.label == task and map_path(cfg, study, network).is_file()
    }
    columns = max((len(averages.axis("class").labels) for averages in rows.values()), default=1)
    legend = "Mean of what speaks for the class\n(number of clips, all answered right)"
    with plots.figure(path, max(len(rows), 1), columns, (1.9, 1.5), legend) as panels:
        for panel in panels.flat:
            panel.set_visible(False)
        for row, (name, averages) in zip(panels, rows.items(), strict=False):
            draw_row(row, averages)
            row[0].set_ylabel(f"{name}\nfrequency (kHz)")


def draw_row(row: np.ndarray, averages: Explanation) -> None:
    """One network's maps `(class, frequency, time)`, a panel each, with one colour bar (share)."""
    classes, frequency, time = averages.axes
    per_mille = 1000 * averages.values.numpy()
    highest = float(per_mille.max()) or 1.0
    scale = LogNorm(highest / 300, highest, clip=True)
    for panel, name, values in zip(row, classes.labels, per_mille, strict=False):
        image = draw_map(panel, frequency, time, values, scale)
        panel.set_title(name)
    row[0].figure.colorbar(image, ax=row[len(classes.labels) - 1], label="share (‰)")


def draw_map(
    panel: Axes, frequency: Axis, time: Axis, values: np.ndarray, scale: LogNorm
) -> object:
    """One class: `values` `(frequencies, frames)` in thousandths."""
    panel.set_visible(True)
    panel.set(xlabel="time (s)", xlim=(0, 1), ylim=(0, 4))
    return panel.pcolormesh(
        time.values.numpy(),
        frequency.values.numpy() / 1000,
        values,
        norm=scale,
        cmap="Oranges",
        shading="nearest",
        rasterized=True,
    )
