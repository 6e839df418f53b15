"""Positions of a layer's outputs on the grid of the network's input."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.layer_hooks import temporary_hooks
from earwitness.explain.lrp.composites import ACTIVATION
from earwitness.explain.lrp.layers import CONVOLUTION, NORMALISATION

POOLING = (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)
ADAPTIVE = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d)
WINDOWED = (*CONVOLUTION, *POOLING, *ADAPTIVE)
"""Layers whose effect on the resolution is known."""


class Grid(NamedTuple):
    """`length` equally spaced positions along one dimension, in steps of the input."""

    first: float
    step: float
    length: int

    def positions(self) -> Tensor:
        """The positions `(length,)`, float64, in input steps."""
        return self.first + self.step * torch.arange(self.length, dtype=torch.float64)

    def cells(self, length: int) -> "Grid":
        """The centres of `length` equal cells that cover these positions."""
        share = self.length / length
        return Grid(self.first + self.step * (share - 1) / 2, self.step * share, length)


@dataclass(frozen=True, eq=False)
class LocatedLayer:
    """A layer and the positions of its outputs `(batch, channels, ...)` on the input.

    Attributes:
        layer: the layer.
        positions: for each dimension after the channels, the centre of the receptive field of
            each output along the same dimension of the input, counted from the last; in input
            steps, which may be fractional.
    """

    layer: nn.Module
    positions: tuple[Tensor, ...]


class _Visit(NamedTuple):
    """One call of a layer in a forward pass, with the shapes of its inputs and outputs."""

    name: str
    layer: nn.Module
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def locate_layer(network: nn.Module, inputs: Tensor, name: str | None) -> LocatedLayer:
    """Find a layer and its positions by one forward pass, on the first of inputs.

    Positions follow from kernel, stride, padding and dilation of the convolutions and pooling
    layers before it. Where something else has changed the resolution, they are equal cells.

    Args:
        network: in evaluation mode.
        inputs: `(batch, ...)`.
        name: dotted name of the layer; None for the last convolution to run, with the
            normalisation and activation that follow it.

    Raises:
        InputError: there is no such layer, or it has no axes that correspond to the input's.
    """
    visits = _forward(network, inputs[:1])
    visit = _selected(visits, name)
    lengths = visit.outputs[2:]
    if len(lengths) > inputs.dim() - 1:
        raise InputError(
            f"layer {visit.name} has {len(lengths)} dimensions of positions, the network's inputs "
            f"{inputs.dim() - 1}: move what converts one into the other to the model's frontend"
        )
    grids = _traced(visits[: visits.index(visit) + 1], inputs.shape[1:])
    layer_grids = grids.get(lengths) or _cells(inputs.shape[-len(lengths) :], lengths)
    return LocatedLayer(visit.layer, tuple(grid.positions() for grid in layer_grids))


@contextmanager
def captured_outputs(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collect the outputs `(batch, channels, ...)` of each call of a layer, as graph leaves.

    With gradients enabled, the network's outputs have a gradient with respect to them; in-place
    operations on the layer's outputs work on a copy.
    """
    outputs_of_calls: list[Tensor] = []

    def keep(layer: nn.Module, arguments: Any, outputs: Tensor) -> Tensor:
        outputs_of_calls.append(outputs.detach().requires_grad_(torch.is_grad_enabled()))
        return outputs_of_calls[-1].clone()

    with temporary_hooks([layer.register_forward_hook(keep)]):
        yield outputs_of_calls


def _forward(network: nn.Module, inputs: Tensor) -> list[_Visit]:
    """The calls of layers during one forward pass of inputs `(1, ...)`, in order."""
    visits: list[_Visit] = []
    handles = (
        layer.register_forward_hook(_record(visits, name))
        for name, layer in network.named_modules()
        if layer is not network
    )
    with temporary_hooks(handles), torch.inference_mode():
        network(inputs)
    return visits


def _record(visits: list[_Visit], name: str) -> Any:
    """A forward hook that records the shapes of a call from tensor to tensor."""

    def hook(layer: nn.Module, arguments: tuple[Any, ...], outputs: Any) -> None:
        if arguments and isinstance(arguments[0], Tensor) and isinstance(outputs, Tensor):
            shapes = tuple(arguments[0].shape), tuple(outputs.shape)
            visits.append(_Visit(name, layer, *shapes))

    return hook


def _selected(visits: Sequence[_Visit], name: str | None) -> _Visit:
    """The last call of the named layer, or of the default; InputError if there is none."""
    spatial = [visit for visit in visits if len(visit.outputs) > 2]
    if name is None:
        matches = _activated_convolution(spatial)
    else:
        matches = [visit for visit in spatial if visit.name == name]
    if not matches:
        problem = "no convolution has run" if name is None else f"layer {name} has no positions"
        names = ", ".join(dict.fromkeys(visit.name for visit in spatial)) or "none"
        raise InputError(f"{problem}: choose a layer with outputs (batch, channels, ...): {names}")
    return matches[-1]


def _activated_convolution(visits: Sequence[_Visit]) -> list[_Visit]:
    """The last convolution, and the normalisation and activation that directly follow it."""
    kinds = (*NORMALISATION, *ACTIVATION)
    convolutions = [n for n, visit in enumerate(visits) if isinstance(visit.layer, CONVOLUTION)]
    if not convolutions:
        return []
    last = convolutions[-1]
    leaves = [visit for visit in visits[last + 1 :] if next(visit.layer.children(), None) is None]
    return [visits[last], *takewhile(lambda visit: isinstance(visit.layer, kinds), leaves)]


def _traced(
    visits: Sequence[_Visit], shape: torch.Size
) -> dict[tuple[int, ...], tuple[Grid, ...] | None]:
    """The grids of each resolution that occurred; None where it cannot be traced to the input.

    Tensors are identified by their resolution: operations between layers preserve it.
    """
    start = tuple(Grid(0.0, 1.0, length) for length in shape)
    grids: dict[tuple[int, ...], tuple[Grid, ...] | None] = {
        tuple(shape[-count:]): start[-count:] for count in range(1, len(shape) + 1)
    }
    for visit in visits:
        if isinstance(visit.layer, WINDOWED):
            before = grids.get(visit.inputs[2:])
            grids[visit.outputs[2:]] = before and _output_grids(
                visit.layer, before, visit.outputs[2:]
            )
    return grids


def _output_grids(
    layer: nn.Module, grids: tuple[Grid, ...], lengths: tuple[int, ...]
) -> tuple[Grid, ...] | None:
    """The grids of a layer's outputs; None if their lengths are not those it should produce."""
    if isinstance(layer, ADAPTIVE):
        return tuple(grid.cells(length) for grid, length in zip(grids, lengths, strict=True))
    windows = [_window(layer, grid, axis) for axis, grid in enumerate(grids)]
    spare = int(getattr(layer, "ceil_mode", False))
    fits = all(
        grid.length <= length <= grid.length + spare
        for grid, length in zip(windows, lengths, strict=True)
    )
    exact = (grid._replace(length=length) for grid, length in zip(windows, lengths, strict=True))
    return tuple(exact) if fits else None


def _window(layer: Any, grid: Grid, axis: int) -> Grid:
    """The centres of the windows of a convolution or pooling layer along one dimension."""
    kernel, stride = _along(layer.kernel_size, axis), _along(layer.stride, axis)
    reach = _along(getattr(layer, "dilation", 1), axis) * (kernel - 1)
    before, after = _padding(layer.padding, reach, axis)
    first = grid.first + grid.step * (reach / 2 - before)
    return Grid(first, grid.step * stride, (grid.length + before + after - reach - 1) // stride + 1)


def _padding(padding: str | int | tuple[int, ...], reach: int, axis: int) -> tuple[int, int]:
    """Padding before the first and after the last position, in steps of the layer's input."""
    if padding == "same":
        return reach // 2, reach - reach // 2
    if isinstance(padding, str):
        return 0, 0
    return _along(padding, axis), _along(padding, axis)


def _along(size: int | tuple[int, ...], axis: int) -> int:
    """The setting of a layer along one dimension."""
    return size[axis] if isinstance(size, tuple) else size


def _cells(shape: Sequence[int], lengths: Sequence[int]) -> tuple[Grid, ...]:
    """Grids of equal cells over an input of `shape`."""
    sides = zip(shape, lengths, strict=True)
    return tuple(Grid(0.0, 1.0, side).cells(length) for side, length in sides)
