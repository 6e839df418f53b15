"""Rules: how one layer propagates the relevance of its outputs to its inputs.

With z_j the denominator of output j, every rule is R_i = sum_j (share of i in z_j) * R_j; the
rules differ in the summands of z_j. A rule takes a layer's call and the relevance of its outputs;
it returns the relevance of its inputs and, per item, what the bias keeps.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.attribution import require_positive
from earwitness.explain.lrp.flows import (
    NEGATIVE,
    POSITIVE,
    Flow,
    above_zero,
    below_zero,
    constant,
    favouring,
    negative,
    opposite,
    positive,
    quotient,
    total,
    whole,
)
from earwitness.explain.lrp.layers import Call

Shares = tuple[Tensor, Tensor | None]
"""Relevance like the inputs `(batch, ...)`, and what the bias keeps `(batch,)`; None if none."""


class Rule(Protocol):
    """What the engine needs of a rule."""

    weighted: ClassVar[bool]
    """Whether the rule reads a weight, so applies to dense and convolutional layers only."""

    def __call__(self, call: Call, relevance: Tensor) -> Shares:
        """Distribute relevance `(batch, ...)`, in units of the logit, over inputs and bias."""
        ...


@dataclass(frozen=True)
class Pass:
    """R_in = R_out: for activations, which are elementwise and map zero to zero."""

    weighted: ClassVar[bool] = False

    def __call__(self, call: Call, relevance: Tensor) -> Shares:
        """Relevance `(batch, ...)` unchanged, in units of the logit."""
        return relevance, None


@dataclass(frozen=True)
class Gradient:
    """R_in = R_out through the gradient: for max pooling (winner takes all) and reshaping."""

    weighted: ClassVar[bool] = False

    def __call__(self, call: Call, relevance: Tensor) -> Shares:
        """Relevance, in units of the logit, at the input `(batch, ...)` that each output copies."""
        return call.backward(relevance), None


@dataclass(frozen=True)
class Epsilon:
    """R_i = sum_j x_i w_ij / (z_j + epsilon sign z_j) R_j (Bach et al. 2015, equation 58).

    For any layer that is linear in its input, average pooling included. Needs nothing but the
    layer's own input and output. Raises InputError unless epsilon > 0.
    """

    epsilon: float = 1e-6
    weighted: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Raise InputError unless epsilon is above zero."""
        require_positive(epsilon=self.epsilon)

    def __call__(self, call: Call, relevance: Tensor) -> Shares:
        """Distribute relevance `(batch, ...)` (logit units) by x_i w_ij, and by b_j to the bias."""
        per_unit = quotient(relevance, call.outputs.detach(), self.epsilon)
        return call.inputs.detach() * call.backward(per_unit), call.kept(call.bias, per_unit)


@dataclass(frozen=True, kw_only=True)
class _Weighted(ABC):
    """A rule that sums flows through modified weights: for dense and convolutional layers."""

    epsilon: float = 1e-6
    weighted: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raise InputError unless epsilon is above zero."""
        require_positive(epsilon=self.epsilon)

    @abstractmethod
    def flows(self) -> tuple[Flow, ...]:
        """The flows of relevance that the rule sums."""

    def __call__(self, call: Call, relevance: Tensor) -> Shares:
        """Distribute relevance `(batch, ...)`, in units of the logit, along each flow and sum."""
        shares = [flow(call, relevance, self.epsilon) for flow in self.flows()]
        return total([inputs for inputs, _ in shares]), total([kept for _, kept in shares])


@dataclass(frozen=True)
class ZPlus(_Weighted):
    """Only positive summands are used: alpha = 1, beta = 0 (Montavon et al. 2017)."""

    def flows(self) -> tuple[Flow, ...]:
        """The positive summands."""
        return (POSITIVE,)


@dataclass(frozen=True)
class AlphaBeta(_Weighted):
    """alpha times the positive minus beta times the negative shares (Bach et al. 2015, eq. 60).

    Raises InputError unless alpha - beta = 1 and beta >= 0.
    """

    alpha: float = 2.0
    beta: float = 1.0

    def __post_init__(self) -> None:
        """Raise InputError for factors that do not conserve relevance."""
        super().__post_init__()
        if self.beta < 0 or abs(self.alpha - self.beta - 1) > 1e-12:
            raise InputError(f"{self}: choose beta >= 0 and alpha = 1 + beta")

    def flows(self) -> tuple[Flow, ...]:
        """The positive and the negative summands, each normalised by itself."""
        return POSITIVE.scaled(self.alpha), NEGATIVE.scaled(-self.beta)


@dataclass(frozen=True)
class Gamma(_Weighted):
    """Summands of the sign of z have weight 1 + gamma (Andeol et al. 2021, generalised gamma).

    For inputs that are not negative it is the rule of Montavon et al. 2019 where
    z_j > 0. Raises InputError if gamma < 0.
    """

    gamma: float = 0.25

    def __post_init__(self) -> None:
        """Raise InputError for a negative gamma."""
        super().__post_init__()
        if self.gamma < 0:
            raise InputError(f"{self}: choose gamma >= 0")

    def flows(self) -> tuple[Flow, ...]:
        """Outputs above zero favour positive summands, outputs below zero negative ones."""
        up, down = favouring(positive, self.gamma), favouring(negative, self.gamma)
        return (
            Flow(parts=((positive, up), (negative, down)), bias=up, of=above_zero),
            Flow(parts=((positive, down), (negative, up)), bias=down, of=below_zero),
        )


@dataclass(frozen=True)
class WSquare(_Weighted):
    """Shares in proportion to w_ij squared, whatever the input (Montavon et al. 2017)."""

    def flows(self) -> tuple[Flow, ...]:
        """Squared weight through an input of ones."""
        return (Flow(parts=((torch.ones_like, torch.square),), bias=torch.square),)


@dataclass(frozen=True)
class Flat(_Weighted):
    """Equal shares to all inputs that reach an output (Lapuschkin et al. 2019)."""

    def flows(self) -> tuple[Flow, ...]:
        """A weight of ones through an input of ones."""
        return (Flow(parts=((torch.ones_like, torch.ones_like),), bias=torch.zeros_like),)


@dataclass(frozen=True)
class ZBox(_Weighted):
    """For inputs known to lie in [low, high]: a first layer (Montavon et al. 2017).

    Raises InputError unless low < high.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Raise InputError for an empty box."""
        super().__post_init__()
        if not self.low < self.high:
            raise InputError(f"{self}: choose low < high")

    def flows(self) -> tuple[Flow, ...]:
        """The form x w - low w+ - high w-: in the box no summand is negative; biases cancel."""
        lowest = constant(self.low), opposite(positive)
        highest = constant(self.high), opposite(negative)
        return (Flow(parts=((whole, whole), lowest, highest), bias=torch.zeros_like),)
