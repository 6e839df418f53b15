"""Figures of explanations in one style: maps, curves, bars and coloured waves.

Colours are distinguishable with a colour vision deficiency (seaborn's "colorblind" palette; purple
and orange around white for relevance). Every picture of an explanation shows the class and its
probability, see `target_label`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from cycler import cycler
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from earwitness.explain.explanation import Explanation
from earwitness.files import atomic
from earwitness.present.axis_layout import (
    axis_label,
    cell_edges,
    edges_between,
    label_cells,
    positions,
)

RELEVANCE_CMAP = "PuOr_r"
POSITIVE_COLOUR, NEGATIVE_COLOUR = "#b35806", "#542788"
"""Colours of positive and negative relevance, the two ends of `RELEVANCE_CMAP`."""
MAX_BARS = 60
"""The most values along one axis that are drawn as bars; more are drawn as a curve."""
SIGN_LEGEND = "Orange is above zero: for the class; purple is below: against it."

STYLE = {
    **sns.axes_style("ticks"),
    **sns.plotting_context("paper"),
    "axes.prop_cycle": cycler(color=sns.color_palette("colorblind")),
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
    """Yield the panels of a figure in `STYLE`, `(rows, columns)`; save it if nothing was raised.

    Args:
        path: of the file to write; its suffix chooses the format.
        rows: number of rows of panels.
        columns: number of columns of panels.
        size: width and height of one panel, in inches.
        legend: text above all panels.
    """
    width, height = size
    with style.context(STYLE):
        drawing = Figure(figsize=(columns * width, rows * height))
        drawing.suptitle(legend, fontsize=9)
        yield drawing.subplots(rows, columns, squeeze=False)
        sns.despine(drawing)
        with atomic(path) as temporary:
            drawing.savefig(temporary)


def save_overview(path: str | Path, wave: Tensor, rate: int, explanation: Explanation) -> None:
    """Save a figure of a wave `(samples,)` at `rate` Hz, its explanation, and its sum over time.

    The last panel is left out where the explanation lies over time alone, or has no time.
    """
    names = [axis.name for axis in explanation.axes]
    with_time = [explanation.over_time()] if "time" in names and len(names) > 1 else []
    with figure(path, 2 + len(with_time), 1, (7.0, 2.2), SIGN_LEGEND) as panels:
        panels[0, 0].plot(np.arange(len(wave)) / rate, wave.numpy(), color="0.3", lw=0.5)
        panels[0, 0].set(xlabel="time (s)", ylabel="amplitude", xlim=(0, len(wave) / rate))
        panels[0, 0].set_title(f"{explanation.method}: {target_label(explanation)}")
        for panel, part in zip(panels[1:, 0], [explanation, *with_time], strict=True):
            draw_explanation(panel, part)
            if part.axes[-1].name == "time":
                panel.set_xlim(0, len(wave) / rate)


def target_label(explanation: Explanation) -> str:
    """Class and probability, for the title of a picture: "digit 3, p = 0.98"."""
    return f"{explanation.target}, p = {explanation.probability:.2f}"


def draw_spectrogram(panel: Axes, decibels: Tensor, like: Explanation) -> None:
    """Draw levels `(frequencies, times)` in dB on the axes of the explanation `like`."""
    image = panel.pcolormesh(*cell_edges(like), decibels.numpy(), cmap="Greys", rasterized=True)
    label_cells(panel, like)
    panel.figure.colorbar(image, ax=panel, label="dB below maximum", aspect=30)


def draw_explanation(panel: Axes, explanation: Explanation) -> None:
    """Draw any explanation: two axes or more as a map, one axis as a curve or, if short, as bars.

    A map is summed over all axes but the last two (such as window sizes, sources, channels).
    """
    if len(explanation.axes) > 1:
        draw_relevance_map(panel, explanation)
    elif len(explanation.values) > MAX_BARS:
        _curve(panel, explanation)
    else:
        _bars(panel, explanation)


def draw_relevance_map(panel: Axes, explanation: Explanation) -> None:
    """Draw values on the last two axes, in per mille of the sum of all magnitudes."""
    share = _per_mille(explanation)
    share = share.reshape(-1, *share.shape[-2:]).sum(0)
    norm, limit = _scale(share.numpy())
    image = panel.pcolormesh(
        *cell_edges(explanation), share.numpy(), cmap=RELEVANCE_CMAP, norm=norm, rasterized=True
    )
    label_cells(panel, explanation)
    ticks = [-limit, -limit / 10, 0, limit / 10, limit]
    bar = panel.figure.colorbar(image, ax=panel, label="share (‰)", aspect=30)
    bar.set_ticks(ticks, labels=[f"{tick:.3g}" for tick in ticks])
    bar.minorticks_off()


def save_relevance_image(path: str | Path, cells: np.ndarray) -> None:
    """Save relevance `(rows, columns)`, in any unit, as an image: a pixel a cell, row 0 lowest.

    Colours are those of `draw_relevance_map`.
    """
    norm, _ = _scale(cells)
    shades = np.asarray(colormaps[RELEVANCE_CMAP](np.arange(256)))[:, :3]
    image = Image.fromarray((np.asarray(norm(cells[::-1])) * 255).round().astype(np.uint8))
    image.putpalette((shades * 255).round().astype(np.uint8).tobytes())
    with atomic(path) as temporary:
        image.save(temporary)


def _scale(cells: np.ndarray) -> tuple[SymLogNorm, float]:
    """How values `(rows, columns)` map to colours, and their largest magnitude, in their unit."""
    limit = float(np.abs(cells).max()) or 1.0
    return SymLogNorm(linthresh=limit / 30, vmin=-limit, vmax=limit), limit


def _per_mille(explanation: Explanation) -> Tensor:
    """Values of an explanation `(...)` in per mille of the sum of their magnitudes."""
    return 1000 * explanation.values / explanation.values.abs().sum().clamp(min=1e-30)


def _curve(panel: Axes, explanation: Explanation) -> None:
    """Draw many values along one axis, positive and negative ones in their own colours."""
    (axis,) = explanation.axes
    places, share = positions(axis), _per_mille(explanation).numpy()
    for side, colour in (
        (share.clip(min=0), POSITIVE_COLOUR),
        (share.clip(max=0), NEGATIVE_COLOUR),
    ):
        # A sample is narrower than a pixel: without an outline it would be too faint to see.
        panel.fill_between(places, side, color=colour, lw=0.3)
    panel.axhline(0, color="0.5", lw=0.5)
    panel.set(xlabel=axis_label(axis), ylabel="share (‰)", xlim=(places[0], places[-1]))


def _bars(panel: Axes, explanation: Explanation) -> None:
    """Draw a bar for each value, with its 95 % interval if the explanation has standard errors.

    Contributions of components are drawn in their unit; values without one in per mille of all.
    """
    (axis,) = explanation.axes
    shown = explanation.values if explanation.unit else _per_mille(explanation)
    places, values = positions(axis), shown.numpy()
    error = None if explanation.error is None else 1.96 * explanation.error.numpy()
    width = 0.8 * float(np.diff(edges_between(places)).min())
    colours = np.where(values > 0, POSITIVE_COLOUR, NEGATIVE_COLOUR)
    panel.bar(places, values, width, yerr=error, color=colours, ecolor="0.3", capsize=2)
    panel.axhline(0, color="0.5", lw=0.5)
    unit = explanation.unit
    panel.set(xlabel=axis_label(axis), ylabel=f"contribution ({unit})" if unit else "share (‰)")
    if axis.labels:
        panel.set_xticks(places, axis.labels)


def outline_regions(panel: Axes, regions: pd.DataFrame) -> None:
    """Outline regions of planted evidence (rows of onset_s, offset_s, low_hz, high_hz)."""
    for region in regions.itertuples():
        corner = region.onset_s, region.low_hz / 1000
        extent = region.offset_s - region.onset_s, (region.high_hz - region.low_hz) / 1000
        panel.add_patch(Rectangle(corner, *extent, fill=False, lw=0.5, ec="black", alpha=0.6))


def draw_coloured_wave(panel: Axes, wave: Tensor, explanation: Explanation) -> None:
    """Draw a wave `(samples,)` over time, coloured by the relevance of its samples."""
    time = explanation.axis("time").values.numpy()
    points = np.column_stack([time, wave.numpy()])
    strokes = np.stack([points[:-1], points[1:]], axis=1)
    share = _per_mille(explanation)[:-1].numpy()
    limit = float(np.quantile(np.abs(share), 0.999))
    visible = np.abs(share) > limit / 50
    panel.plot(time, wave.numpy(), color="0.75", lw=0.4, zorder=0)
    lines = LineCollection(list(strokes[visible]), cmap=RELEVANCE_CMAP, lw=0.9, rasterized=True)
    lines.set_array(np.clip(share[visible], -limit, limit))
    lines.set_clim(-limit, limit)
    panel.add_collection(lines)
    panel.set(xlabel="time (s)", ylabel="amplitude", xlim=(time[0], time[-1] + time[1] - time[0]))
    panel.figure.colorbar(lines, ax=panel, label="share (‰)", aspect=20)


def legend_below(panel: Axes, columns: int) -> None:
    """Put the legend of one panel below the figure, for all panels that share it."""
    handles, labels = panel.get_legend_handles_labels()
    panel.figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
