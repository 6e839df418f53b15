"""Where the outputs of a layer lie on the input's grid."""

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
"""Layers that change the resolution in a way that is known."""


class Grid(NamedTuple):
    """`length` equally spaced places along one dimension, in steps of the input."""

    first: float
    step: float
    length: int

    def positions(self) -> Tensor:
        """Where the places lie `(length,)`, float64."""
        return self.first + self.step * torch.arange(self.length, dtype=torch.float64)

    def cells(self, length: int) -> "Grid":
        """The middles of `length` equal cells that cover these places."""
        share = self.length / length
        return Grid(self.first + self.step * (share - 1) / 2, self.step * share, length)


@dataclass(frozen=True, eq=False)
class LocatedLayer:
    """A layer whose outputs `(batch, channels, ...)` have places.

    Attributes:
        layer: the layer.
        positions: for each dimension after the channels, the centre of what each output sees
            (its receptive field) along the same dimension of the input, counted from the last;
            in input steps, which may be fractional.
    """

    layer: nn.Module
    positions: tuple[Tensor, ...]


class _Visit(NamedTuple):
    """One layer's part in a forward pass."""

    name: str
    layer: nn.Module
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def locate_layer(network: nn.Module, inputs: Tensor, name: str | None) -> LocatedLayer:
    """Find a layer with places by running the network once, on the first of inputs.

    Positions follow from kernel, stride, padding and dilation of the convolutions and pooling
    on the way. Where something else has changed the resolution, places are equal cells.

    Args:
        network: in evaluation mode.
        inputs: `(batch, ...)`.
        name: dotted name of the layer; None for the last convolution to run, with the
            normalisation and activation that follow it.

    Raises:
        InputError: there is no such layer, or its outputs or the inputs have no places.
    """
    visits = _forward(network, inputs[:1])
    visit = _chosen(visits, name)
    lengths = visit.outputs[2:]
    if len(lengths) > inputs.dim() - 1:
        raise InputError(
            f"layer {visit.name} has {len(lengths)} dimensions of places and the network's inputs "
            f"{inputs.dim() - 1}: make what turns one into the other the model's frontend"
        )
    grids = _traced(visits[: visits.index(visit) + 1], inputs.shape[1:])
    known = grids.get(lengths) or _cells(inputs.shape[-len(lengths) :], lengths)
    return LocatedLayer(visit.layer, tuple(grid.positions() for grid in known))


@contextmanager
def captured_outputs(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Collect what a layer returns in each call, as if the network began there.

    With gradients enabled, outputs have one with respect to it; what works in place on the
    layer's outputs works on a copy.
    """
    outputs_of_calls: list[Tensor] = []

    def keep(layer: nn.Module, arguments: Any, outputs: Tensor) -> Tensor:
        outputs_of_calls.append(outputs.detach().requires_grad_(torch.is_grad_enabled()))
        return outputs_of_calls[-1].clone()

    with temporary_hooks([layer.register_forward_hook(keep)]):
        yield outputs_of_calls


def _forward(network: nn.Module, inputs: Tensor) -> list[_Visit]:
    """The layers that run, in order."""
    visits: list[_Visit] = []
    handles = (
        layer.register_forward_hook(_note(visits, name))
        for name, layer in network.named_modules()
        if layer is not network
    )
    with temporary_hooks(handles), torch.inference_mode():
        network(inputs)
    return visits


def _note(visits: list[_Visit], name: str) -> Any:
    """A forward hook that notes the shapes of a call from tensor to tensor."""

    def hook(layer: nn.Module, arguments: tuple[Any, ...], outputs: Any) -> None:
        if arguments and isinstance(arguments[0], Tensor) and isinstance(outputs, Tensor):
            shapes = tuple(arguments[0].shape), tuple(outputs.shape)
            visits.append(_Visit(name, layer, *shapes))

    return hook


def _chosen(visits: Sequence[_Visit], name: str | None) -> _Visit:
    """The last visit of the named layer, or of the default; InputError if there is none."""
    placed = [visit for visit in visits if len(visit.outputs) > 2]
    if name is None:
        found = _activated(placed)
    else:
        found = [visit for visit in placed if visit.name == name]
    if not found:
        wanted = "no convolution has run" if name is None else f"layer {name} has no places"
        names = ", ".join(dict.fromkeys(visit.name for visit in placed)) or "none"
        raise InputError(f"{wanted}: choose a layer with outputs (batch, channels, ...): {names}")
    return found[-1]


def _activated(visits: Sequence[_Visit]) -> list[_Visit]:
    """The last convolution, and what normalises and activates its outputs before they go on."""
    kinds = (*NORMALISATION, *ACTIVATION)
    convolutions = [n for n, visit in enumerate(visits) if isinstance(visit.layer, CONVOLUTION)]
    if not convolutions:
        return []
    last = convolutions[-1]
    single = [visit for visit in visits[last + 1 :] if next(visit.layer.children(), None) is None]
    return [visits[last], *takewhile(lambda visit: isinstance(visit.layer, kinds), single)]


def _traced(
    visits: Sequence[_Visit], shape: torch.Size
) -> dict[tuple[int, ...], tuple[Grid, ...] | None]:
    """The grids of each resolution that came up, None where the way there is not known.

    Resolutions stand for tensors: additions and activations between layers keep them.
    """
    start = tuple(Grid(0.0, 1.0, length) for length in shape)
    grids: dict[tuple[int, ...], tuple[Grid, ...] | None] = {
        tuple(shape[-places:]): start[-places:] for places in range(1, len(shape) + 1)
    }
    for visit in visits:
        if isinstance(visit.layer, WINDOWED):
            known = grids.get(visit.inputs[2:])
            grids[visit.outputs[2:]] = known and _moved(visit.layer, known, visit.outputs[2:])
    return grids


def _moved(
    layer: nn.Module, grids: tuple[Grid, ...], lengths: tuple[int, ...]
) -> tuple[Grid, ...] | None:
    """The grids of a layer's outputs; None if these are not as many as it should make."""
    if isinstance(layer, ADAPTIVE):
        return tuple(grid.cells(length) for grid, length in zip(grids, lengths, strict=True))
    moved = [_window(layer, grid, axis) for axis, grid in enumerate(grids)]
    spare = int(getattr(layer, "ceil_mode", False))
    fits = all(
        grid.length <= length <= grid.length + spare
        for grid, length in zip(moved, lengths, strict=True)
    )
    exact = (grid._replace(length=length) for grid, length in zip(moved, lengths, strict=True))
    return tuple(exact) if fits else None


def _window(layer: Any, grid: Grid, axis: int) -> Grid:
    """The centres of a convolution's or pooling's windows along one dimension."""
    kernel, stride = _along(layer.kernel_size, axis), _along(layer.stride, axis)
    reach = _along(getattr(layer, "dilation", 1), axis) * (kernel - 1)
    before, after = _padding(layer.padding, reach, axis)
    first = grid.first + grid.step * (reach / 2 - before)
    return Grid(first, grid.step * stride, (grid.length + before + after - reach - 1) // stride + 1)


def _padding(padding: str | int | tuple[int, ...], reach: int, axis: int) -> tuple[int, int]:
    """What stands before and after the first and last place."""
    if padding == "same":
        return reach // 2, reach - reach // 2
    if isinstance(padding, str):
        return 0, 0
    return _along(padding, axis), _along(padding, axis)


def _along(size: int | tuple[int, ...], axis: int) -> int:
    """A layer's setting along one dimension."""
    return size[axis] if isinstance(size, tuple) else size


def _cells(shape: Sequence[int], lengths: Sequence[int]) -> tuple[Grid, ...]:
    """Equal cells over the input."""
    sides = zip(shape, lengths, strict=True)
    return tuple(Grid(0.0, 1.0, side).cells(length) for side, length in sides)
