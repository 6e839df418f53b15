"""Components of a network's input, after the front end: each cell is kept or replaced.

All channels of a cell are switched together. Fills are in the input's own unit: in a spectrogram
in dB, "minimum" is silence and "zero" is loud.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.baselines import Fill, replacement
from earwitness.explain.components.base import Components, require_wave, sections
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel


@dataclass(frozen=True, eq=False)
class Patches:
    """Equal patches of the input: `rows` along frequency, `columns` along time.

    An input without frequency has one row. `fill` is `zero`, `mean`, `noise` or `minimum` of the
    input, or a tensor shaped like one input; `seed` is the noise's.
    """

    rows: int
    columns: int
    fill: Fill = "zero"
    seed: int = 0

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)`; InputError if the settings do not fit."""
        inputs, grid = _network_input(model, wave)
        counts = (self.rows, self.columns)[-len(grid) :]
        if prod(counts) != self.rows * self.columns:
            raise InputError(f"rows={self.rows}: this input has no frequency axis, choose rows=1")
        along = [
            sections(len(axis.values), count, f"patches along {axis.name}")
            for axis, count in zip(grid, counts, strict=True)
        ]
        patch = torch.arange(prod(counts)).reshape(counts)[torch.meshgrid(*along, indexing="ij")]
        axes = tuple(_coarse(*pair) for pair in zip(grid, along, strict=True))
        off = replacement(inputs, self.fill, self.seed)
        render = _switched(inputs, off, lambda masks: masks[:, patch])
        return Components(prod(counts), axes, render)


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows that slide over the input and may overlap; a cell is off if any of its windows is.

    Each cell's value is the mean over the windows that cover it. Windows of several sizes are
    separate components; their values lie on a first axis, "window". The last window along an axis
    is cut where the input ends.

    Attributes:
        sizes: of each kind of window, in steps of the input: one number for all axes, or one for
            each, (rows, columns).
        strides: from one window to the next, for each of `sizes`; no more than the size.
        fill: `zero`, `mean`, `noise` or `minimum` of the input, or a tensor shaped like one input.
        seed: of the noise.
    """

    sizes: Sequence[int | Sequence[int]]
    strides: Sequence[int | Sequence[int]]
    fill: Fill = "zero"
    seed: int = 0

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)`; InputError if the settings do not fit."""
        inputs, grid = _network_input(model, wave)
        steps = [len(axis.values) for axis in grid]
        sweeps = self._sweeps(steps)
        counts = [sweep.count for sweep in sweeps]

        def on(masks: Tensor) -> Tensor:
            off = (~masks).to(inputs.dtype).split(counts, dim=1)
            return sum(map(_Sweep.over, sweeps, off), start=inputs.new_zeros(())) == 0

        def spread(values: Tensor) -> Tensor:
            means = torch.stack(list(map(_Sweep.mean, sweeps, values.split(counts))))
            return means if len(sweeps) > 1 else means[0]

        render = _switched(inputs, replacement(inputs, self.fill, self.seed), on)
        return Components(sum(counts), (*self._kinds(), *grid), render, spread)

    def _kinds(self) -> tuple[Axis, ...]:
        """The axis of window sizes, if there are several."""
        labels = [" x ".join(map(str, _numbers(size))) for size in self.sizes]
        return (Axis.of_names("window", labels),) if len(labels) > 1 else ()

    def _sweeps(self, steps: Sequence[int]) -> list["_Sweep"]:
        """The positions of each kind of window on an input of `steps`."""
        if len(self.sizes) != len(self.strides) or not self.sizes:
            raise InputError(
                f"{len(self.sizes)} window sizes, {len(self.strides)} strides: give one for each"
            )
        along = [
            (_each(size, len(steps), "size"), _each(stride, len(steps), "stride"))
            for size, stride in zip(self.sizes, self.strides, strict=True)
        ]
        return [_Sweep(tuple(map(_cover, steps, *pair))) for pair in along]


@dataclass(frozen=True, eq=False)
class _Sweep:
    """All windows of one size: `(windows, steps)` for each axis, 1 where one covers a step."""

    covers: tuple[Tensor, ...]

    @property
    def count(self) -> int:
        """Number of windows."""
        return prod(len(cover) for cover in self.covers)

    def over(self, values: Tensor) -> Tensor:
        """Sum of values `(..., windows)` over those covering a cell: `(..., rows)`, in one unit."""
        grid = values.reshape(*values.shape[:-1], *(len(cover) for cover in self.covers))
        for cover in self.covers:
            # Removes the first axis of windows and appends its axis of steps.
            grid = torch.tensordot(grid, cover.to(grid), dims=([-len(self.covers)], [0]))
        return grid

    def mean(self, values: Tensor) -> Tensor:
        """Mean of values `(windows,)`, in their unit, over those covering a cell: `(rows, ...)`."""
        return self.over(values) / self.over(torch.ones_like(values))


def _cover(steps: int, size: int, stride: int) -> Tensor:
    """Windows along one axis, `(windows, steps)`: 1 where a window covers a step."""
    if not 1 <= size <= steps:
        raise InputError(f"a window of {size} on {steps} steps: choose a size of 1 to {steps}")
    if stride < 1 or (stride > size and size < steps):
        raise InputError(f"a stride of {stride} skips steps: choose 1 to {size}, the window's size")
    starts = torch.arange(0, steps - size + stride, stride)[:, None]
    step = torch.arange(steps)
    return ((starts <= step) & (step < starts + size)).float()


def _network_input(model: AudioModel, wave: Tensor) -> tuple[Tensor, tuple[Axis, ...]]:
    """The network's input `(1, ...)` for a wave `(samples,)`, and its axes except channels."""
    require_wave(wave)
    with torch.no_grad():
        inputs: Tensor = model.frontend(wave[None])
    axes = model.axes(inputs.shape[1:], len(wave))
    return inputs, tuple(axis for axis in axes if axis.name != "channel")


def _switched(
    inputs: Tensor, off: Tensor, on: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    """A renderer: `on` turns masks into kept cells `(n, ...)` of `inputs` `(1, ...)`."""

    def render(masks: Tensor) -> Tensor:
        cells = on(masks.to(inputs.device))
        channels = inputs.dim() - cells.dim()
        cells = cells.reshape(len(cells), *[1] * channels, *cells.shape[1:])
        return torch.where(cells, inputs, off)

    return render


def _coarse(axis: Axis, section: Tensor) -> Axis:
    """The axis of sections, each at the mean position of its steps `(length,)`."""
    values = axis.values.double().cpu()
    total = torch.zeros(int(section[-1]) + 1, dtype=values.dtype).index_add(0, section, values)
    return Axis(axis.name, axis.unit, total / section.bincount())


def _numbers(size: int | Sequence[int]) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else tuple(size)


def _each(size: int | Sequence[int], axes: int, name: str) -> tuple[int, ...]:
    """One number for each axis."""
    given = _numbers(size)
    if len(given) not in (1, axes):
        raise InputError(f"{name} {given}: give 1 number or {axes}, one for each axis of the input")
    return given * axes if len(given) == 1 else given
