"""Expected gradients: integrated gradients averaged over randomly drawn baselines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.attribution import Attribution, frozen, require_batch, require_positive
from earwitness.explain.backward import (
    batched_outputs,
    completeness_gap,
    mean_gradients,
    target_outputs,
    unsqueeze_like,
)
from earwitness.explain.baselines import baseline, require_baseline, standard_noise, value_range
from earwitness.randomness import generator


def expected_gradients(
    network: nn.Module,
    inputs: Tensor,
    target: Tensor,
    baselines: Tensor,
    rows: Tensor,
    alphas: Tensor,
    batch_size: int = 16,
) -> Tensor:
    """Mean of (x - b) times the gradient at b + alpha (x - b) over given draws of b and alpha.

    Equation 3 of Erion et al. (2021), as in `shap.GradientExplainer`. Values `(batch, ...)` are
    in units of the output; InputError if inputs, target or outputs do not fit together.

    Args:
        network: inputs -> `(batch, classes)`; its state is restored afterwards.
        inputs: `(batch, ...)`.
        target: class of each `(batch,)`.
        baselines: `(n, ...)`, shaped like inputs.
        rows: `(batch, draws)`, index of the baseline of each draw.
        alphas: `(batch, draws)`, position between baseline and input, in [0, 1].
        batch_size: points per forward pass.
    """
    require_batch(inputs, target)
    sample_points = _interpolation(inputs, baselines, rows, alphas)
    with frozen(network):
        return mean_gradients(network, inputs, target, rows.shape[1], sample_points, batch_size)


def _interpolation(
    inputs: Tensor, baselines: Tensor, rows: Tensor, alphas: Tensor
) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Indices of items and draws `(n,)` -> points between baselines and inputs, and differences.

    Both are `(n, ...)`; the arguments are those of `expected_gradients`.
    """
    # Rounded once, from the drawn number: near and far then sum to one as closely as possible.
    near, far = alphas.to(inputs), (1 - alphas).to(inputs)

    def sample_points(items: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
        ends, starts = inputs[items], baselines[rows[items, draws]]
        shares = (unsqueeze_like(side[items, draws], inputs) for side in (near, far))
        return next(shares) * ends + next(shares) * starts, ends - starts

    return sample_points


@dataclass(frozen=True, eq=False)
class ExpectedGradients:
    """Integrated gradients averaged over baselines (Erion et al. 2021, equation 3).

    Every item has the same draws, so its values do not depend on the batch. The gap is f(x)
    minus the mean of f over all baselines minus the sum of values; it shrinks with more draws.

    Attributes:
        draws: pairs of a baseline and a point on the line from it to the input.
        baselines: `(n, ...)`, shaped like items, for instance other recordings; None for Gaussian
            noise around `baseline`, one for each draw.
        baseline: `zero`, or `minimum`, each item's smallest value: silence in a spectrogram in dB.
        noise: standard deviation around it, as a share of the item's range.
        seed: of draws and noise.
        batch_size: points per forward pass; small batches stay in the processor's cache.
    """

    draws: int = 200
    baselines: Tensor | None = None
    baseline: str = "zero"
    noise: float = 0.15
    seed: int = 0
    batch_size: int = 16
    name: ClassVar[str] = "expected gradients"

    def __post_init__(self) -> None:
        """Raise InputError for an unknown baseline or settings that are not positive."""
        require_baseline(self.baseline)
        require_positive(draws=self.draws, noise=self.noise, batch_size=self.batch_size)

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target, outputs or baselines do not fit together.
        """
        require_batch(inputs, target)
        with frozen(network):
            outputs = batched_outputs(network, inputs, target, self.batch_size)
            each = zip(inputs.split(1), target.split(1), strict=True)
            values, expected = zip(*(self._item(network, *item) for item in each), strict=True)
        joined = torch.cat(values)
        return Attribution(
            joined,
            outputs,
            completeness_gap(target_outputs(outputs, target) - torch.stack(expected), joined),
        )

    def _item(self, network: nn.Module, item: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Values `(1, ...)` of one item `(1, ...)`, and the mean output of the baselines `()`."""
        baselines = self._baselines_of(item)
        random = generator(self.seed, 1)
        rows = torch.randint(len(baselines), (1, self.draws), generator=random).to(item.device)
        alphas = torch.rand(1, self.draws, generator=random)
        each = target.expand(len(baselines))
        expected = target_outputs(
            batched_outputs(network, baselines, each, self.batch_size), each
        ).mean()
        values = expected_gradients(network, item, target, baselines, rows, alphas, self.batch_size)
        return values, expected

    def _baselines_of(self, item: Tensor) -> Tensor:
        """The baselines `(n, ...)` of one item `(1, ...)`; InputError if they do not fit it."""
        if self.baselines is None:
            noise = standard_noise((self.draws, *item.shape[1:]), self.seed, item)
            return baseline(self.baseline, item) + self.noise * value_range(item) * noise
        if self.baselines.shape[1:] != item.shape[1:] or not len(self.baselines):
            raise InputError(
                f"baselines are {tuple(self.baselines.shape)}: "
                f"give at least one of the network's input shape {tuple(item.shape[1:])}"
            )
        return self.baselines.to(item)
