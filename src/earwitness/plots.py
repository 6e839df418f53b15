"""The house style of figures, and one function a kind of picture.

Colours are those that readers with a colour deficiency can tell apart (Okabe and Ito's through
seaborn; purple and orange around white for relevance). Every picture of an explanation says the
class and its probability.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import SymLogNorm
from matplotlib.patches import Rectangle
from torch import Tensor

from earwitness.explain.explanation import Explanation
from earwitness.files import atomic

mpl.use("Agg")

RELEVANCE = "PuOr_r"
LEGEND = "Orange speaks for the answer, purple against it, in ‰ of all relevance."

STYLE = {
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "figure.constrained_layout.use": True,
}


@contextmanager
def figure(
    path: str | Path, rows: int, columns: int, size: tuple[float, float], legend: str = ""
) -> Iterator[np.ndarray]:
    """Yield the `(rows, columns)` panels of a figure in the house style; save it on success.

    `size` is that of one panel, width and height in inches; `legend` stands above all of them.
    """
    sns.set_theme("paper", "ticks", "colorblind", rc=STYLE)
    width, height = size
    drawing, panels = plt.subplots(
        rows, columns, squeeze=False, figsize=(columns * width, rows * height)
    )
    drawing.suptitle(legend, fontsize=9)
    try:
        yield panels
        sns.despine(drawing)
        with atomic(path) as temporary:
            drawing.savefig(temporary)
    finally:
        plt.close(drawing)


def headline(explanation: Explanation) -> str:
    """Class and probability, as every picture of an explanation says them."""
    return f"{explanation.target}, p = {explanation.probability:.2f}"


def spectrogram(panel: Axes, decibels: Tensor, like: Explanation) -> None:
    """Draw `(frequency, time)` in dB on the axes of an explanation."""
    image = panel.pcolormesh(*_grid(like), decibels.numpy(), cmap="Greys", rasterized=True)
    _label_time_frequency(panel)
    panel.figure.colorbar(image, ax=panel, label="dB below maximum", aspect=30)


def relevance_map(panel: Axes, explanation: Explanation) -> None:
    """Draw relevance over time and frequency, in thousandths of the sum of its magnitude."""
    share = _per_mille(explanation)
    limit = float(share.abs().max())
    norm = SymLogNorm(linthresh=limit / 30, vmin=-limit, vmax=limit)
    image = panel.pcolormesh(
        *_grid(explanation), share.numpy(), cmap=RELEVANCE, norm=norm, rasterized=True
    )
    _label_time_frequency(panel)
    ticks = [-limit, -limit / 10, 0, limit / 10, limit]
    bar = panel.figure.colorbar(image, ax=panel, label="relevance (‰)", aspect=30)
    bar.set_ticks(ticks, labels=[f"{tick:.2g}" for tick in ticks])
    bar.minorticks_off()


def _per_mille(explanation: Explanation) -> Tensor:
    """Values of an explanation in thousandths of the sum of their magnitude."""
    return 1000 * explanation.values / explanation.values.abs().sum()


def _grid(explanation: Explanation) -> tuple[np.ndarray, np.ndarray]:
    """Times in s and frequencies in kHz of an explanation's values."""
    time, frequency = explanation.axis("time"), explanation.axis("frequency")
    return time.values.numpy(), frequency.values.numpy() / 1000


def _label_time_frequency(panel: Axes) -> None:
    panel.set(xlabel="time (s)", ylabel="frequency (kHz)", ylim=(0, None))


def outline(panel: Axes, regions: pd.DataFrame) -> None:
    """Outline regions of planted evidence (onset_s, offset_s, low_hz, high_hz)."""
    for region in regions.itertuples():
        corner = region.onset_s, region.low_hz / 1000
        extent = region.offset_s - region.onset_s, (region.high_hz - region.low_hz) / 1000
        panel.add_patch(Rectangle(corner, *extent, fill=False, lw=0.5, ec="black", alpha=0.6))


def coloured_wave(panel: Axes, wave: Tensor, explanation: Explanation) -> None:
    """Draw `(samples,)` over time, each stroke in the colour of its relevance."""
    time = explanation.axis("time").values.numpy()
    points = np.column_stack([time, wave.numpy()])
    strokes = np.stack([points[:-1], points[1:]], axis=1)
    share = _per_mille(explanation)[:-1].numpy()
    limit = float(np.quantile(np.abs(share), 0.999))
    told = np.abs(share) > limit / 50
    panel.plot(time, wave.numpy(), color="0.75", lw=0.4, zorder=0)
    lines = LineCollection(list(strokes[told]), cmap=RELEVANCE, lw=0.9, rasterized=True)
    lines.set_array(np.clip(share[told], -limit, limit))
    lines.set_clim(-limit, limit)
    panel.add_collection(lines)
    panel.set(xlabel="time (s)", ylabel="amplitude", xlim=(time[0], time[-1] + time[1] - time[0]))
    panel.figure.colorbar(lines, ax=panel, label="relevance (‰)", aspect=20)


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
