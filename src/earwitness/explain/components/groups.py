"""Components of a network's input that are groups of cells, such as rows or heart states.

A cell is one number of the input `(channels, ..., frames)`; unlike in `inputs`, channels are
switched separately.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.baselines import Fill, replacement
from earwitness.explain.components.base import Components, require_wave
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel

Cells = Callable[[AudioModel, Tensor, torch.Size], Mapping[str, Tensor]]
"""A model, a wave and the shape of its network input -> named bool masks of that shape."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Named groups of cells, each switched as a unit.

    Groups may overlap: a cell is off if any of its groups is. A cell of no group stays on.

    Attributes:
        cells: the masks `(channels, ..., frames)` of the groups.
        axis: name of the axis of groups.
        fill: `zero`, `mean`, `noise` or `minimum` of the input, or a tensor shaped like one input.
        seed: of the noise.
    """

    cells: Cells
    axis: str = "group"
    fill: Fill = "zero"
    seed: int = 0

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)` for a model.

        Raises:
            InputError: there are no groups, or one is not shaped like the input.
        """
        require_wave(wave)
        with torch.no_grad():
            inputs = model.frontend(wave[None])
        groups = self.cells(model, wave, inputs.shape[1:])
        _require(groups, inputs.shape[1:])
        off = replacement(inputs, self.fill, self.seed)
        membership = torch.stack(list(groups.values())).flatten(1).to(inputs)

        def render(masks: Tensor) -> Tensor:
            groups_off = (~masks).to(membership) @ membership
            cells = (groups_off == 0).reshape(len(masks), *inputs.shape[1:])
            return torch.where(cells, inputs, off)

        return Components(len(groups), (Axis.of_names(self.axis, list(groups)),), render)


def _require(groups: Mapping[str, Tensor], shape: torch.Size) -> None:
    """Raise InputError unless there are groups of cells of an input of `shape`."""
    if not groups:
        raise InputError("no groups of cells: name at least one")
    for name, cells in groups.items():
        if cells.shape != shape or cells.dtype != torch.bool:
            raise InputError(
                f"group {name} is {tuple(cells.shape)} of {cells.dtype}: "
                f"give a bool for each cell of the input, {tuple(shape)}"
            )
