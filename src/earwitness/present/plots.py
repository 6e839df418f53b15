"""The house style of figures, and one function a kind of picture.

Colours are those that readers with a colour deficiency can tell apart (Okabe and Ito's through
seaborn; purple and orange around white for relevance). Every picture of an explanation says the
class and its probability.
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

from earwitness.explain.explanation import Axis, Explanation
from earwitness.files import atomic

RELEVANCE_CMAP = "PuOr_r"
POSITIVE_COLOUR, NEGATIVE_COLOUR = "#b35806", "#542788"
"""The two ends of RELEVANCE_CMAP."""
MAX_BARS = 60
"""Up to so many values along one axis are drawn as bars."""
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
    """Yield the `(rows, columns)` panels of a figure in the house style; save it on success.

    `size` is that of one panel, width and height in inches; `legend` stands above all of them.
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
    """Draw `(samples,)` at `rate` Hz, an explanation of it, and what that adds up to over time."""
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
    """Class and probability, as every picture of an explanation says them."""
    return f"{explanation.target}, p = {explanation.probability:.2f}"


def draw_spectrogram(panel: Axes, decibels: Tensor, like: Explanation) -> None:
    """Draw `(frequency, time)` in dB on the axes of an explanation."""
    image = panel.pcolormesh(*_grid(like), decibels.numpy(), cmap="Greys", rasterized=True)
    _label_grid(panel, like)
    panel.figure.colorbar(image, ax=panel, label="dB below maximum", aspect=30)


def draw_explanation(panel: Axes, explanation: Explanation) -> None:
    """Draw any explanation: a map, a curve, or a bar for each of a few or of named components.

    Of three axes the first is added up: windows of several sizes, sources, channels.
    """
    if len(explanation.axes) > 1:
        draw_relevance_map(panel, explanation)
    elif len(explanation.values) > MAX_BARS:
        _curve(panel, explanation)
    else:
        _bars(panel, explanation)


def draw_relevance_map(panel: Axes, explanation: Explanation) -> None:
    """Draw values on the last two axes, in thousandths of the sum of their magnitude."""
    share = _per_mille(explanation)
    share = share.reshape(-1, *share.shape[-2:]).sum(0)
    norm, limit = _scale(share.numpy())
    image = panel.pcolormesh(
        *_grid(explanation), share.numpy(), cmap=RELEVANCE_CMAP, norm=norm, rasterized=True
    )
    _label_grid(panel, explanation)
    ticks = [-limit, -limit / 10, 0, limit / 10, limit]
    bar = panel.figure.colorbar(image, ax=panel, label="share (‰)", aspect=30)
    bar.set_ticks(ticks, labels=[f"{tick:.3g}" for tick in ticks])
    bar.minorticks_off()


def save_relevance_image(path: str | Path, cells: np.ndarray) -> None:
    """Save `(rows, columns)` in the colours of `draw_relevance_map`, row 0 at the bottom."""
    norm, _ = _scale(cells)
    shades = np.asarray(colormaps[RELEVANCE_CMAP](np.arange(256)))[:, :3]
    image = Image.fromarray((np.asarray(norm(cells[::-1])) * 255).round().astype(np.uint8))
    image.putpalette((shades * 255).round().astype(np.uint8).tobytes())
    with atomic(path) as temporary:
        image.save(temporary)


def _scale(cells: np.ndarray) -> tuple[SymLogNorm, float]:
    """How values become colours, and the largest magnitude among them."""
    limit = float(np.abs(cells).max()) or 1.0
    return SymLogNorm(linthresh=limit / 30, vmin=-limit, vmax=limit), limit


def _per_mille(explanation: Explanation) -> Tensor:
    """Values of an explanation in thousandths of the sum of their magnitude."""
    return 1000 * explanation.values / explanation.values.abs().sum().clamp(min=1e-30)


def _grid(explanation: Explanation) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the cells along the last two axes, the horizontal ones first."""
    vertical, horizontal = explanation.axes[-2:]
    return _bounds(horizontal), _bounds(vertical)


def _bounds(axis: Axis) -> np.ndarray:
    """Edges of the entries of an axis; of places in time or frequency, none is below zero."""
    edges = _edges(_places(axis))
    return edges.clip(min=0) if axis.unit and axis.values[0] >= 0 else edges


def _places(axis: Axis) -> np.ndarray:
    """Where the entries of an axis are drawn: frequencies in kHz."""
    places = axis.values.double().numpy()
    return places / 1000 if axis.unit == "Hz" else places


def _edges(places: np.ndarray) -> np.ndarray:
    """Edges `(n + 1,)` of cells whose middles are `places`."""
    if len(places) == 1:
        return places[0] + np.array([-0.5, 0.5])
    middles = (places[:-1] + places[1:]) / 2
    return np.r_[2 * places[0] - middles[0], middles, 2 * places[-1] - middles[-1]]


def _label_grid(panel: Axes, explanation: Explanation) -> None:
    """Name the last two axes; entries with names are named one by one."""
    vertical, horizontal = explanation.axes[-2:]
    panel.set(xlabel=_label(horizontal), ylabel=_label(vertical))
    if vertical.labels:
        panel.set_yticks(_places(vertical), vertical.labels)
    if horizontal.labels:
        panel.set_xticks(_places(horizontal), horizontal.labels)


def _label(axis: Axis) -> str:
    """Name and unit, as drawn."""
    unit = "kHz" if axis.unit == "Hz" else axis.unit
    return f"{axis.name} ({unit})" if unit else axis.name


def _curve(panel: Axes, explanation: Explanation) -> None:
    """Draw many values along one axis, what speaks for and what speaks against apart."""
    (axis,) = explanation.axes
    places, share = _places(axis), _per_mille(explanation).numpy()
    for side, colour in (
        (share.clip(min=0), POSITIVE_COLOUR),
        (share.clip(max=0), NEGATIVE_COLOUR),
    ):
        # A sample is narrower than a pixel; without an outline it would be drawn faintly.
        panel.fill_between(places, side, color=colour, lw=0.3)
    panel.axhline(0, color="0.5", lw=0.5)
    panel.set(xlabel=_label(axis), ylabel="share (‰)", xlim=(places[0], places[-1]))


def _bars(panel: Axes, explanation: Explanation) -> None:
    """Draw a bar a component, with its 95 % interval where values were drawn at random.

    What components contribute has a unit; what is left of a map has its share.
    """
    (axis,) = explanation.axes
    shown = explanation.values if explanation.unit else _per_mille(explanation)
    places, values = _places(axis), shown.numpy()
    error = None if explanation.error is None else 1.96 * explanation.error.numpy()
    width = 0.8 * float(np.diff(_edges(places)).min())
    colours = np.where(values > 0, POSITIVE_COLOUR, NEGATIVE_COLOUR)
    panel.bar(places, values, width, yerr=error, color=colours, ecolor="0.3", capsize=2)
    panel.axhline(0, color="0.5", lw=0.5)
    unit = explanation.unit
    panel.set(xlabel=_label(axis), ylabel=f"contribution ({unit})" if unit else "share (‰)")
    if axis.labels:
        panel.set_xticks(places, axis.labels)


def outline_regions(panel: Axes, regions: pd.DataFrame) -> None:
    """Outline regions of planted evidence (onset_s, offset_s, low_hz, high_hz)."""
    for region in regions.itertuples():
        corner = region.onset_s, region.low_hz / 1000
        extent = region.offset_s - region.onset_s, (region.high_hz - region.low_hz) / 1000
        panel.add_patch(Rectangle(corner, *extent, fill=False, lw=0.5, ec="black", alpha=0.6))


def draw_coloured_wave(panel: Axes, wave: Tensor, explanation: Explanation) -> None:
    """Draw `(samples,)` over time, each stroke in the colour of its relevance."""
    time = explanation.axis("time").values.numpy()
    points = np.column_stack([time, wave.numpy()])
    strokes = np.stack([points[:-1], points[1:]], axis=1)
    share = _per_mille(explanation)[:-1].numpy()
    limit = float(np.quantile(np.abs(share), 0.999))
    told = np.abs(share) > limit / 50
    panel.plot(time, wave.numpy(), color="0.75", lw=0.4, zorder=0)
    lines = LineCollection(list(strokes[told]), cmap=RELEVANCE_CMAP, lw=0.9, rasterized=True)
    lines.set_array(np.clip(share[told], -limit, limit))
    lines.set_clim(-limit, limit)
    panel.add_collection(lines)
    panel.set(xlabel="time (s)", ylabel="amplitude", xlim=(time[0], time[-1] + time[1] - time[0]))
    panel.figure.colorbar(lines, ax=panel, label="share (‰)", aspect=20)


def legend_below(panel: Axes, columns: int) -> None:
    """Name what is drawn in a panel, and in all that are like it, below the figure."""
    handles, labels = panel.get_legend_handles_labels()
    panel.figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
