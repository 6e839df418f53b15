"""How songs are divided for explaining: features where there is no sound."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.explain.components import Components, Groups
from earwitness.explain.model import AudioModel
from earwitness.models.emotion import Standardised


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
