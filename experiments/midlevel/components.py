"""Parts of songs: features where there is no sound, and how much of the input a part makes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.explain.components import Components, Groups
from earwitness.explain.model import AudioModel
from earwitness.models.emotion import Standardised

LOUDNESS = "loudness"
"""The control that ranks parts by `loudness`."""


@dataclass(frozen=True)
class Features:
    """Each feature by itself; the mean of the training songs takes its place.

    Attributes:
        names: of the features, in the order of the network's rows.
    """

    names: Sequence[str]

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of `(features,)` for a model of ratings."""
        (standardised,) = (m for m in model.modules() if isinstance(m, Standardised))
        return Groups(self._cells, axis="feature", fill=standardised.mean)(model, wave)

    def _cells(self, _: AudioModel, __: Tensor, shape: torch.Size) -> dict[str, Tensor]:
        """One row of the input `(features, 1)` for each name."""
        rows = torch.eye(shape[0], dtype=torch.bool)[:, :, None]
        return dict(zip(self.names, rows, strict=True))


def loudness(components: Components) -> Tensor:
    """How far a network's input changes when each component is switched off: `(components,)`."""
    count = components.count
    with torch.no_grad():
        masks = torch.cat([torch.ones(1, count), 1 - torch.eye(count)]).bool()
        inputs = components.render(masks)
    return (inputs[1:] - inputs[0]).abs().flatten(1).sum(1).double()
