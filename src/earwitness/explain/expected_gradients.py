"""Integrated gradients averaged over many baselines, each draw one point on one way."""

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

    Equation 3 of Erion et al. (2021), and what `shap.GradientExplainer` computes.

    Args:
        network: inputs -> `(batch, classes)`; it is left as it was found.
        inputs: `(batch, ...)`.
        target: a class for each `(batch,)`.
        baselines: `(n, ...)`, shaped like inputs.
        rows: `(batch, draws)`, which of the baselines each draw starts from.
        alphas: `(batch, draws)`, how far from there to the input it goes, in [0, 1].
        batch_size: points the network is given at once.

    Returns:
        Values `(batch, ...)`, in units of the output.

    Raises:
        InputError: inputs, target or outputs do not fit together.
    """
    require_batch(inputs, target)
    # One rounding, of what was drawn: near and far then add up to one as closely as they can.
    near, far = alphas.to(inputs), (1 - alphas).to(inputs)

    def sample_points(items: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
        ends, starts = inputs[items], baselines[rows[items, draws]]
        shares = (unsqueeze_like(side[items, draws], inputs) for side in (near, far))
        return next(shares) * ends + next(shares) * starts, ends - starts

    with frozen(network):
        return mean_gradients(network, inputs, target, rows.shape[1], sample_points, batch_size)


@dataclass(frozen=True, eq=False)
class ExpectedGradients:
    """Integrated gradients averaged over baselines (Erion et al. 2021, equation 3).

    Every item has the same draws, so that it has the same values in any batch. The gap is f(x)
    minus the mean of f over all baselines minus the sum of values; it shrinks with more draws.

    Attributes:
        draws: pairs of a baseline and a place on the way from it to the input.
        baselines: `(n, ...)`, shaped like items, for instance other recordings; None for as many
            as draws, Gaussian noise about `baseline`.
        baseline: `zero`, or `minimum`, each item's smallest value: silence in a spectrogram in dB.
        noise: standard deviation about it, as a share of the item's range.
        seed: of draws and noise.
        batch_size: points the network is given at once; small ones stay in the processor's cache.
    """

    draws: int = 200
    baselines: Tensor | None = None
    baseline: str = "zero"
    noise: float = 0.15
    seed: int = 0
    batch_size: int = 16
    name: ClassVar[str] = "expected gradients"

    def __post_init__(self) -> None:
        """Refuse settings that leave nothing to average."""
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
        found = torch.cat(values)
        return Attribution(
            found,
            outputs,
            completeness_gap(target_outputs(outputs, target) - torch.stack(expected), found),
        )

    def _item(self, network: nn.Module, item: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Values of one item `(1, ...)`, and the mean output for the baselines `()`."""
        compared = self._compared(item)
        random = generator(self.seed, 1)
        rows = torch.randint(len(compared), (1, self.draws), generator=random).to(item.device)
        alphas = torch.rand(1, self.draws, generator=random)
        each = target.expand(len(compared))
        expected = target_outputs(
            batched_outputs(network, compared, each, self.batch_size), each
        ).mean()
        values = expected_gradients(network, item, target, compared, rows, alphas, self.batch_size)
        return values, expected

    def _compared(self, item: Tensor) -> Tensor:
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
