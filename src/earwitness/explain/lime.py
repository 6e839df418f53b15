"""LIME: a simple surrogate model of the network near one sound.

Ribeiro et al. (2016) with the settings of audioLIME (Haunschmid et al. 2020, released code):
random coalitions, weighted by their proximity to the whole sound, and a surrogate fitted to
their outcomes. It is a ridge regression, or a random forest, which located events best in the
benchmark of Bolaños et al. (2025).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from sklearn.base import RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.coalitions import Estimate, Game
from earwitness.randomness import generator

Fit = tuple[RegressorMixin, np.ndarray]
"""A fitted surrogate, and the value of each component `(count,)`."""


class _Table(NamedTuple):
    """Distinct coalitions `(n, count)` of 0 and 1, with outcomes, proximity, repeats `(n,)`."""

    rows: np.ndarray
    outcomes: np.ndarray
    proximity: np.ndarray
    repeats: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Weight of each row `(n,)`: proximity times the number of repeats."""
        return self.proximity * self.repeats


@dataclass(frozen=True, kw_only=True)
class _Surrogate(ABC):
    """A model fitted to weighted coalitions.

    Raises:
        InputError: fewer than 2 draws, or a width that is not above zero.
    """

    draws: int = 1000
    width: float = 0.25
    paired: bool = False
    seed: int = 0
    unit: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        """Raise InputError where no surrogate can be fitted."""
        if self.draws < 2 or self.width <= 0:
            raise InputError(
                f"draws={self.draws}, width={self.width}: LIME needs 2 draws and a width above 0"
            )

    def __call__(self, game: Game, count: int) -> Estimate:
        """Value the `count` components of `game`; values are no shares, so there is no gap.

        The notes hold `r2`, the weighted share of variance that the surrogate explains.

        Raises:
            InputError: there are no components.
        """
        if count < 1:
            raise InputError("LIME has no components to value: divide the sound into one or more")
        drawn = self.drawn(count)
        distinct, rows = torch.unique(drawn, dim=0, return_inverse=True)
        return self.fit(drawn, game(distinct)[rows])

    def drawn(self, count: int) -> Tensor:
        """Masks `(draws, count)` of the coalitions to evaluate, in the order of drawing."""
        return neighbourhood(count, self.draws, self.seed, self.paired)

    def fit(self, drawn: Tensor, outcomes: Tensor) -> Estimate:
        """Value components by drawn masks `(n, count)` and their outcomes `(n,)`.

        For coalitions that are evaluated already; `draws` and `seed` are not used.
        """
        masks, rows, repeats = torch.unique(drawn, dim=0, return_inverse=True, return_counts=True)
        first = outcomes.new_empty(len(masks)).scatter_(0, rows, outcomes)
        near = proximity(masks, self.width)
        table = _Table(*(part.numpy() for part in (masks.double(), first, near, repeats)))
        surrogate, values = self._fit(table)
        fitted = float(surrogate.score(table.rows, table.outcomes, table.weights))
        return Estimate(torch.from_numpy(values), unit=self.unit, notes={"r2": fitted})

    @abstractmethod
    def _fit(self, table: "_Table") -> Fit:
        """Fit a surrogate."""


@dataclass(frozen=True, kw_only=True)
class Lime(_Surrogate):
    """LIME with a ridge regression: its slopes, in the unit of the outcome.

    Attributes:
        draws: coalitions, including the whole sound; each distinct one is evaluated once.
        width: of the kernel, in units of cosine distance.
        paired: whether each drawn coalition comes with its complement.
        seed: of the coalitions.
        alpha: weight of the squared slopes relative to the weighted squared residuals.
    """

    alpha: float = 1.0
    name: ClassVar[str] = "LIME"

    def __post_init__(self) -> None:
        """Raise InputError for a negative penalty."""
        super().__post_init__()
        if self.alpha < 0:
            raise InputError(f"alpha={self.alpha}: choose a penalty of zero or more")

    def _fit(self, table: "_Table") -> Fit:
        ridge = Ridge(self.alpha).fit(table.rows, table.outcomes, table.weights)
        return ridge, ridge.coef_


@dataclass(frozen=True, kw_only=True)
class LimeForest(_Surrogate):
    """LIME with a random forest, which also detects components that matter only together.

    A value is a component's share of the forest's gain in purity, so magnitudes sum to one; it
    is negative where outcomes are lower on average with the component on.

    Attributes:
        draws: coalitions, including the whole sound; each distinct one is evaluated once.
        width: of the kernel, in units of cosine distance.
        paired: whether each drawn coalition comes with its complement.
        seed: of the coalitions and of the forest.
        trees: of the forest.
    """

    trees: int = 100
    name: ClassVar[str] = "LIME forest"
    unit: ClassVar[str | None] = "share of gain"

    def __post_init__(self) -> None:
        """Raise InputError for settings that do not make a forest."""
        super().__post_init__()
        if self.trees < 1 or self.seed < 0:
            raise InputError(
                f"trees={self.trees}, seed={self.seed}: choose 1 tree or more, seed 0 or more"
            )

    def _fit(self, table: "_Table") -> Fit:
        rows, outcomes, weights = table.rows, table.outcomes, table.weights
        forest = RandomForestRegressor(self.trees, random_state=self.seed)
        # A tree samples rows, so a coalition is repeated as often as it was drawn.
        # Rounded, so that batch-size effects on the last digits cannot change a split.
        each = [
            np.repeat(part, table.repeats, axis=0) for part in (rows, outcomes, table.proximity)
        ]
        forest.fit(each[0], each[1].round(5), each[2])
        # It has the sign of the difference of means and is zero for a component that never changes.
        covariance = (weights * (outcomes - np.average(outcomes, weights=weights))) @ (
            rows - np.average(rows, axis=0, weights=weights)
        )
        return forest, forest.feature_importances_ * np.sign(covariance)


def neighbourhood(count: int, draws: int, seed: int, paired: bool = False) -> Tensor:
    """Masks `(draws, count)`: the whole sound, then each component on with probability 1/2.

    With `paired`, the second half of the draws are the complements of the first.
    """
    random = generator(seed)
    random_draws = draws // 2 if paired else draws - 1
    drawn = torch.randint(2, (random_draws, count), generator=random).bool()
    all_on = torch.ones(1, count, dtype=torch.bool)
    return torch.cat([all_on, drawn, ~drawn])[:draws]


def proximity(masks: Tensor, width: float) -> Tensor:
    """Proximity of masks `(n, count)` to the whole sound: weights `(n,)` in (0, 1], float64.

    The kernel is sqrt(exp(-d^2 / width^2)) of the cosine distance d to the mask that is all on.
    The cosine of the mask that is all off, 0 / 0, counts as 0.
    """
    distance = 1 - masks.double().mean(1).sqrt()
    return (-(distance**2) / width**2).exp().sqrt()
