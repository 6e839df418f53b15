"""Writing of audible explanations in the format of `reproduction.results.audio_index`."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.files import write_json
from earwitness.present import listen, plots
from earwitness.sound import audio
from reproduction.results.audio_index import INDEX, MEASURES, PARTS

MAX_ROWS, MAX_COLUMNS = 256, 512
"""Cells of a heat map at most; neighbouring cells of longer axes are summed."""
MAX_TICKS = 4
"""Labelled rows of a heat map whose rows are numbers rather than names."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a clip as sound.

    Attributes:
        sound: `(samples,)`.
        number: probability or rating that the explained network gives to the sound.
        others: probabilities or ratings that other networks give to it, by their names.
    """

    sound: Tensor
    number: float
    others: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Listenable:
    """One explanation that can be listened to.

    Attributes:
        name: unique name; begins the names of its files, except that of the original.
        clip: name of the clip; begins the name of the file of the original.
        truth: what is known of the clip, as shown to the reader.
        model: name of the explained network.
        method: how the network was explained and how the explanation was made audible.
        target: the explained class or rating.
        measure: quantity of the numbers of the parts: "probability" or "rating" of the target.
        explanation: is drawn as a heat map above the sounds.
        parts: one for each of PARTS, in this order.

    Raises:
        InputError: `parts` or `measure` are others than these.
    """

    name: str
    clip: str
    truth: str
    model: str
    method: str
    target: str
    measure: str
    explanation: Explanation
    parts: dict[str, Part]

    def __post_init__(self) -> None:
        """Check the parts and the measure."""
        if tuple(self.parts) != PARTS:
            raise InputError(f"{self.name}: parts must be {', '.join(PARTS)}")
        if self.measure not in MEASURES:
            raise InputError(f"{self.name}: measure must be {' or '.join(MEASURES)}")


def write(folder: Path, entries: Iterable[Listenable], rate: int, octaves: int = 0) -> None:
    """Write explanations into `folder`, which then holds nothing else.

    If there are none, there is no folder afterwards. Files of an earlier run are replaced only
    once all new files are written.

    Args:
        folder: is replaced.
        entries: are written in this order.
        rate: sampling rate of the sounds, in Hz.
        octaves: if above 0, each sound is also written shifted up by so many octaves.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as temporary:
        unfinished = Path(temporary) / folder.name
        unfinished.mkdir()
        index = [_write_entry(unfinished, entry, rate, octaves) for entry in entries]
        shutil.rmtree(folder, ignore_errors=True)
        if index:
            write_json(unfinished / INDEX, index)
            unfinished.replace(folder)


def _write_entry(folder: Path, entry: Listenable, rate: int, octaves: int) -> dict[str, Any]:
    """Write the files of an explanation and return its entry of the index."""
    texts = {key: value for key, value in vars(entry).items() if isinstance(value, str)}
    parts = {
        name: _write_part(folder, _stem(entry, name), part, rate, octaves)
        for name, part in entry.parts.items()
    }
    seconds = len(entry.parts["original"].sound) / rate
    return {
        **texts,
        "seconds": round(seconds, 4),
        "octaves": octaves,
        "parts": parts,
        "map": _write_heatmap(folder / f"{entry.name}.png", entry.explanation, seconds),
    }


def _stem(entry: Listenable, part: str) -> str:
    """Return the name of the file of a part, without suffix; clips share their original."""
    return f"{entry.clip}_original" if part == "original" else f"{entry.name}_{part}"


def _write_part(folder: Path, stem: str, part: Part, rate: int, octaves: int) -> dict[str, Any]:
    """Write a sound, also raised by octaves, and return its entry of the index."""
    audio.write(folder / f"{stem}.wav", part.sound, rate)
    entry: dict[str, Any] = {"sound": f"{stem}.wav", "number": round(part.number, 4)}
    if part.others:
        entry["others"] = {name: round(number, 4) for name, number in part.others.items()}
    if octaves:
        entry["raised"] = f"{stem}_raised.wav"
        raised = listen.pitch_up(part.sound, rate, octaves)
        audio.write(folder / entry["raised"], raised, audio.RATE)
    return entry


def _write_heatmap(path: Path, explanation: Explanation, seconds: float) -> dict[str, Any]:
    """Draw the heat map of a clip of `seconds` and return its entry of the index."""
    cells, row_axis, time_axis = heatmap(explanation)
    plots.save_relevance_image(path, cells)
    from_s, to_s = _time_range(time_axis) if time_axis else (0.0, seconds)
    return {
        "picture": path.name,
        "shape": list(cells.shape),
        "from_s": round(from_s, 4),
        "to_s": round(to_s, 4),
        "rows": _row_labels(row_axis) if row_axis else None,
    }


def heatmap(explanation: Explanation) -> tuple[np.ndarray, Axis | None, Axis | None]:
    """Return the heat map of an explanation over time and one other axis.

    The other axis is the last one with several entries; all further axes are summed over.

    Returns:
        Relevance of the cells `(rows, columns)`, in the unit of the explanation's values, at most
        MAX_ROWS and MAX_COLUMNS; the axis of the rows and that of time, None if there is none.
    """
    axes = explanation.axes
    several = [axis for axis in axes if len(axis.values) > 1]
    time = next((axis for axis in several if axis.name == "time"), None)
    row = next((axis for axis in reversed(several) if axis is not time), None)
    values = explanation.values.double().numpy()
    for index in reversed(range(len(axes))):
        if axes[index] is not row and axes[index] is not time:
            values = values.sum(index)
    if row and time and axes.index(time) < axes.index(row):
        values = values.T
    cells = values.reshape(len(row.values) if row else 1, -1)
    return _sum_neighbours(_sum_neighbours(cells, MAX_ROWS).T, MAX_COLUMNS).T, row, time


def _sum_neighbours(cells: np.ndarray, most: int) -> np.ndarray:
    """Sum neighbouring rows of `(rows, columns)` so that at most `most` rows remain."""
    if len(cells) <= most:
        return cells
    starts = np.linspace(0, len(cells), most, endpoint=False).astype(int)
    return np.add.reduceat(cells, starts, axis=0)


def _time_range(time: Axis) -> tuple[float, float]:
    """Return where the first cell of an evenly spaced axis begins and the last one ends, in s."""
    centres = time.values.double().numpy()
    half = (centres[-1] - centres[0]) / (len(centres) - 1) / 2
    return max(0.0, float(centres[0] - half)), float(centres[-1] + half)


def _row_labels(row: Axis) -> dict[str, Any]:
    """Return the name of the axis and its ticks: heights from 0 (bottom) to 1, and labels."""
    count = len(row.values)
    labelled = list(range(count))
    if not row.labels:
        ticks = min(MAX_TICKS, count)
        labelled = [int((tick + 0.5) * count / ticks) for tick in range(ticks)]
    labels = row.labels or [_with_unit(value, row.unit) for value in row.values.tolist()]
    return {
        "name": row.name,
        "ticks": [[round((index + 0.5) / count, 4), labels[index]] for index in labelled],
    }


def _with_unit(value: float, unit: str) -> str:
    """Return a value of an axis with its unit; frequencies in kHz."""
    return f"{value / 1000:.2g} kHz" if unit == "Hz" else f"{value:.3g} {unit}".strip()
