"""The second family of explanation methods: switch components off and observe the outputs.

A coalition is the set of components that are on. `CoalitionEvaluator` evaluates a network on each
distinct one once; an `Estimator` turns masks and outputs into a value for each component. To an
estimator this is a cooperative game, so it can be tested with games whose values are known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from earwitness.errors import InputError
from earwitness.explain.attribution import frozen
from earwitness.explain.batch_size import fastest_batch_size
from earwitness.explain.components import Components

Game = Callable[[Tensor], Tensor]
"""Masks `(n, components)`, bool, True is on -> the explained quantity `(n,)`, float64."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """The value of each component.

    Attributes:
        values: `(components,)`, float64.
        gap: game(all) - game(none) minus the sum of values; None where values are no shares.
        error: standard error of each value `(components,)`; None if nothing was drawn at random.
        unit: of the values; None where it is that of the game.
        notes: quality of the estimate as plain data (such as a surrogate's R^2).
    """

    values: Tensor
    gap: float | None = None
    error: Tensor | None = None
    unit: str | None = None
    notes: dict[str, float] = field(default_factory=dict)


class Estimator(Protocol):
    """Turns a game into the value of each component; `name` is its name in the literature."""

    name: ClassVar[str]

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game`."""
        ...


class CoalitionEvaluator:
    """Evaluates a network on coalitions of components, on each distinct one once.

    Outputs are cached as long as the object lives. The network runs in evaluation mode and its
    state is restored afterwards.
    """

    def __init__(
        self, network: nn.Module, components: Components, batch_size: int | None = None
    ) -> None:
        """Evaluate `network` on `batch_size` coalitions at once; None measures the fastest.

        Raises:
            InputError: a batch size below one.
        """
        if batch_size is not None and batch_size < 1:
            raise InputError(f"batch_size={batch_size}: choose one above zero, or null")
        self._network = network
        self._components = components
        self._batch_size = batch_size
        self._rows: dict[bytes, int] = {}
        self._outputs: list[Tensor] = []

    @property
    def evaluated(self) -> int:
        """Number of distinct coalitions evaluated so far."""
        return len(self._rows)

    def __call__(self, masks: Tensor) -> Tensor:
        """Masks `(n, components)`, bool, True is on -> outputs `(n, classes)`, float64, on the CPU.

        Raises:
            InputError: masks of another shape or type, or outputs that are NaN or not
                `(n, classes)`.
        """
        self._require(masks)
        packed = np.ascontiguousarray(np.packbits(masks.cpu().numpy(), axis=1))
        keys = packed.view(f"V{packed.shape[1]}")[:, 0].tolist()
        missing = {key: row for row, key in enumerate(keys) if key not in self._rows}
        if missing:
            outputs = self._evaluate(masks[list(missing.values())])
            self._outputs = [torch.cat([*self._outputs, *outputs])]
            self._rows |= {key: row for row, key in enumerate(missing, len(self._rows))}
        return self._outputs[0][[self._rows[key] for key in keys]]

    def _evaluate(self, masks: Tensor) -> list[Tensor]:
        """Outputs `(n, classes)` of masks `(n, components)`, in batches that fit into memory."""
        with frozen(self._network), torch.inference_mode():
            if self._batch_size is None:
                self._batch_size = fastest_batch_size(
                    self._network, self._components.render(masks[:1])
                )
            batches = tqdm(
                # Of equal size: a small last batch costs nearly as much as a whole one.
                masks.tensor_split(ceil(len(masks) / self._batch_size)),
                "evaluating coalitions",
                unit="batch",
                delay=2,
                disable=None,
            )
            return [self._outputs_of(batch) for batch in batches]

    def _outputs_of(self, masks: Tensor) -> Tensor:
        """Outputs `(n, classes)` of one batch of masks `(n, components)`."""
        outputs: Tensor = self._network(self._components.render(masks)).cpu().double()
        if outputs.dim() != 2 or len(outputs) != len(masks):
            raise InputError(
                f"the network returned {tuple(outputs.shape)} for {len(masks)} inputs: "
                "explaining needs (batch, classes)"
            )
        if outputs.isnan().any():
            raise InputError(
                "the network returns NaN where components are off: choose another fill"
            )
        return outputs

    def _require(self, masks: Tensor) -> None:
        """Raise InputError unless masks are `(n, components)` of bool."""
        count = self._components.count
        fits = masks.dim() == 2 and len(masks) > 0 and masks.shape[1] == count
        if masks.dtype != torch.bool or not fits:
            raise InputError(
                f"masks are {tuple(masks.shape)} of {masks.dtype}: "
                f"give (n, {count}) of torch.bool, n above zero"
            )
