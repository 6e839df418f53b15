"""Explanations to listen to, written in one format: see `reproduction.results.audio_index`."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.files import write_json
from earwitness.present import listen, plots
from earwitness.sound import audio
from reproduction.results.audio_index import INDEX, MEASURES, PARTS

ROWS, COLUMNS = 256, 512
"""Of a heat map, at most; neighbours of longer axes are added up."""
TICKS = 4
"""Rows that are named, where rows are places rather than names."""


@dataclass(frozen=True, eq=False)
class Part:
    """A sound `(samples,)`, the number its model gives, and the numbers of others, by name."""

    sound: Tensor
    number: float
    others: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Listenable:
    """One explanation that can be listened to.

    Attributes:
        name: of its files; the original is the clip's.
        clip: name of the clip, of its files too.
        truth: what is known of the clip, as a reader is told it.
        model: whose answer is explained.
        method: how, and how it became sound.
        target: the class or rating that is explained.
        measure: what the numbers are: the target's "probability" or "rating".
        drawn: what is drawn above the sounds.
        parts: what PARTS names.

    Raises:
        InputError: parts or measure are others.
    """

    name: str
    clip: str
    truth: str
    model: str
    method: str
    target: str
    measure: str
    drawn: Explanation
    parts: dict[str, Part]

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        if tuple(self.parts) != PARTS:
            raise InputError(f"{self.name}: parts must be {', '.join(PARTS)}")
        if self.measure not in MEASURES:
            raise InputError(f"{self.name}: measure must be {' or '.join(MEASURES)}")


def write(folder: Path, listed: Iterable[Listenable], rate: int, octaves: int = 0) -> None:
    """Write explanations and nothing else into `folder`; no folder where there are none.

    Args:
        folder: is emptied first.
        listed: what is written.
        rate: of the sounds, in Hz.
        octaves: above 0, each sound is also written raised so far.
    """
    shutil.rmtree(folder, ignore_errors=True)
    entries = [_write(folder, entry, rate, octaves) for entry in listed]
    if entries:
        write_json(folder / INDEX, entries)


def _write(folder: Path, entry: Listenable, rate: int, octaves: int) -> dict[str, Any]:
    """Write the files of an explanation; its entry."""
    told: dict[str, Any] = {
        key: value for key, value in vars(entry).items() if isinstance(value, str)
    }
    parts = {
        name: _write_part(folder, _stem(entry, name), part, rate, octaves)
        for name, part in entry.parts.items()
    }
    cells, row, time = grid(entry.drawn)
    plots.save_relevance_image(folder / f"{entry.name}.png", cells)
    seconds = len(entry.parts["original"].sound) / rate
    from_s, to_s = _span(time) if time else (0.0, seconds)
    drawn = {
        "picture": f"{entry.name}.png",
        "shape": list(cells.shape),
        "from_s": round(from_s, 4),
        "to_s": round(to_s, 4),
        "rows": _rows_told(row) if row else None,
    }
    return told | {"seconds": round(seconds, 4), "octaves": octaves, "parts": parts, "map": drawn}


def _stem(entry: Listenable, part: str) -> str:
    return f"{entry.clip}_original" if part == "original" else f"{entry.name}_{part}"


def _write_part(folder: Path, stem: str, part: Part, rate: int, octaves: int) -> dict[str, Any]:
    """Write a sound, raised too; what the index says of it."""
    audio.write(folder / f"{stem}.wav", part.sound, rate)
    told: dict[str, Any] = {"sound": f"{stem}.wav", "number": round(part.number, 4)}
    if part.others:
        told["others"] = {name: round(number, 4) for name, number in part.others.items()}
    if octaves:
        told["raised"] = f"{stem}_raised.wav"
        raised = listen.pitch_up(part.sound, rate, octaves)
        audio.write(folder / told["raised"], raised, audio.RATE)
    return told


def grid(explanation: Explanation) -> tuple[np.ndarray, Axis | None, Axis | None]:
    """A heat map of any explanation: over time, and over one thing else that its values lie on.

    Of other axes, the last one with several entries makes the rows; all others are added up.

    Returns:
        Cells `(rows, columns)`, no more than ROWS and COLUMNS; the axes of the rows and of time,
        None where there is no such axis.
    """
    axes = explanation.axes
    several = [axis for axis in axes if len(axis.values) > 1]
    time = next((axis for axis in several if axis.name == "time"), None)
    row = next((axis for axis in reversed(several) if axis is not time), None)
    values = explanation.values.double().numpy()
    for number in reversed(range(len(axes))):
        if axes[number] is not row and axes[number] is not time:
            values = values.sum(number)
    if row and time and axes.index(time) < axes.index(row):
        values = values.T
    cells = values.reshape(len(row.values) if row else 1, -1)
    return _fewer(_fewer(cells, ROWS).T, COLUMNS).T, row, time


def _fewer(cells: np.ndarray, most: int) -> np.ndarray:
    """At most so many rows, neighbours added up."""
    if len(cells) <= most:
        return cells
    starts = np.linspace(0, len(cells), most, endpoint=False).astype(int)
    return np.add.reduceat(cells, starts, axis=0)


def _span(time: Axis) -> tuple[float, float]:
    """From when to when the cells of an even axis reach, in s."""
    places = time.values.double().numpy()
    half = (places[-1] - places[0]) / (len(places) - 1) / 2
    return max(0.0, float(places[0] - half)), float(places[-1] + half)


def _rows_told(row: Axis) -> dict[str, Any]:
    """What the rows are: a name, and names or places at heights from 0, the bottom, to 1."""
    count = len(row.values)
    numbers = list(range(count))
    if not row.labels:
        few = min(TICKS, count)
        numbers = [int((number + 0.5) * count / few) for number in range(few)]
    labels = row.labels or [_place(value, row.unit) for value in row.values.tolist()]
    ticks = [[round((number + 0.5) / count, 4), labels[number]] for number in numbers]
    return {"name": row.name, "ticks": ticks}


def _place(value: float, unit: str) -> str:
    """A place on an axis; frequencies in kHz."""
    return f"{value / 1000:.2g} kHz" if unit == "Hz" else f"{value:.3g} {unit}".strip()
