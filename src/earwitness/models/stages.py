"""The first layers of a network, cut into stages that each have a short receptive field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class Stage:
    """Layers whose every step depends on a few steps of what they are given.

    Attributes:
        layers: `(batch, ..., n * stride + 2 * reach)` -> `(batch, ..., n)`; what is left over by
            the stride counts for nothing but as a neighbour.
        stride: input steps from one step to the next.
        reach: input steps beside these, before and after, that a step depends on; beyond the ends
            of what there is they are zero.
        kept: whether its features are worth caching for repeated evaluation.
    """

    layers: Callable[[Tensor], Tensor]
    stride: int
    reach: int
    kept: bool = True


def through(stages: Sequence[Stage], inputs: Tensor) -> Tensor:
    """Apply the stages in turn to whole inputs `(batch, ..., steps)`, giving `(batch, ..., n)`."""
    for stage in stages:
        inputs = stage.layers(F.pad(inputs, (stage.reach, stage.reach)))
    return inputs
