"""The second of two ways to explain: switch components off and see what the network says.

A coalition is the set of components that stay on. `CoalitionEvaluator` asks a network about each
distinct one once; an `Estimator` turns masks and answers into a value for each component. To an
estimator this is a cooperative game, and it can be tested with games whose values are known.
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
"""Masks `(n, components)`, bool, True is on -> what is explained `(n,)`, float64."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """The value of each component.

    Attributes:
        values: `(components,)`, float64.
        gap: what all components together leave unexplained; None where values are no shares.
        error: standard error of each value `(components,)`, None if nothing was drawn.
        unit: of the values, None where it is that of the game.
        notes: plain data that tells how well it went (a surrogate's R^2, calls made).
    """

    values: Tensor
    gap: float | None = None
    error: Tensor | None = None
    unit: str | None = None
    notes: dict[str, float] = field(default_factory=dict)


class Estimator(Protocol):
    """Turns a game into the value of each component; `name` is the field's name for it."""

    name: ClassVar[str]

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game`."""
        ...


class CoalitionEvaluator:
    """Asks a network about coalitions of components, about each distinct one once.

    Answers are kept as long as the object lives. The network is asked in evaluation mode and
    left as it was found.
    """

    def __init__(
        self, network: nn.Module, components: Components, batch_size: int | None = None
    ) -> None:
        """Ask `network`, given `batch_size` coalitions at once; None for the fastest found here.

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
        """How many distinct coalitions the network has answered."""
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
        fresh = {key: row for row, key in enumerate(keys) if key not in self._rows}
        if fresh:
            answers = self._ask(masks[list(fresh.values())])
            self._outputs = [torch.cat([*self._outputs, *answers])]
            self._rows |= {key: row for row, key in enumerate(fresh, len(self._rows))}
        return self._outputs[0][[self._rows[key] for key in keys]]

    def _ask(self, masks: Tensor) -> list[Tensor]:
        """Answers to masks, batch by batch: all inputs at once would not fit into memory."""
        with frozen(self._network), torch.inference_mode():
            if self._batch_size is None:
                self._batch_size = fastest_batch_size(
                    self._network, self._components.render(masks[:1])
                )
            batches = tqdm(
                # Of one size: a small last batch costs nearly as much as a whole one.
                masks.tensor_split(ceil(len(masks) / self._batch_size)),
                "asking about coalitions",
                unit="batch",
                delay=2,
                disable=None,
            )
            return [self._answer(batch) for batch in batches]

    def _answer(self, masks: Tensor) -> Tensor:
        """Outputs `(n, classes)` of one batch."""
        outputs: Tensor = self._network(self._components.render(masks)).cpu().double()
        if outputs.dim() != 2 or len(outputs) != len(masks):
            raise InputError(
                f"the network returned {tuple(outputs.shape)} for {len(masks)} inputs: "
                "explaining needs (batch, classes)"
            )
        if outputs.isnan().any():
            raise InputError(
                "the network answers NaN where components are off: choose another fill"
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
