"""Gradients of an output with respect to the input, at the input or averaged over points."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from numpy.polynomial.legendre import leggauss
from torch import Tensor, nn

from earwitness.explain.attribution import Attribution, frozen, require_batch, require_positive
from earwitness.explain.backward import (
    batched_outputs,
    completeness_gap,
    gradient,
    mean_gradients,
    target_outputs,
    unsqueeze_like,
)
from earwitness.explain.baselines import baseline, require_baseline, standard_noise, value_range


@dataclass(frozen=True)
class Gradient:
    """Derivative of the output by each input value (Simonyan et al. 2014, section 3).

    Values are signed, in units of the output per unit of input.
    """

    name: ClassVar[str] = "gradient"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together.
        """
        require_batch(inputs, target)
        with frozen(network):
            return Attribution(*gradient(network, inputs, target))


@dataclass(frozen=True)
class GradientXInput:
    """Derivative times input: the share of each value in a linear network (Shrikumar et al. 2016).

    The gap is the output minus the sum of values: the contribution of the biases in a network of
    linear layers and ReLUs.
    """

    name: ClassVar[str] = "gradient x input"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together.
        """
        require_batch(inputs, target)
        with frozen(network):
            slopes, outputs = gradient(network, inputs, target)
        values = slopes * inputs
        return Attribution(
            values, outputs, completeness_gap(target_outputs(outputs, target), values)
        )


@dataclass(frozen=True)
class IntegratedGradients:
    """The mean gradient on the line from a baseline to the input, times their difference.

    Equation 1 of Sundararajan et al. (2017), by Gauss-Legendre quadrature. The gap is
    f(x) - f(baseline) minus the sum of values, which vanishes with enough steps.

    Attributes:
        steps: points of the quadrature.
        baseline: `zero`, or `minimum`, each item's smallest value: silence in a spectrogram in dB.
        batch_size: points per forward pass; small batches stay in the processor's cache.
    """

    steps: int = 50
    baseline: str = "zero"
    batch_size: int = 16
    name: ClassVar[str] = "integrated gradients"

    def __post_init__(self) -> None:
        """Raise InputError for settings that are not positive or unknown."""
        require_baseline(self.baseline)
        require_positive(steps=self.steps, batch_size=self.batch_size)

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together.
        """
        require_batch(inputs, target)
        baselines = baseline(self.baseline, inputs)
        nodes, shares = (torch.from_numpy(array).to(inputs) for array in leggauss(self.steps))
        # The nodes lie in [-1, 1], so the weights sum to 2; `mean_gradients` divides by the steps.
        positions, weights = (1 + nodes) / 2, shares * self.steps / 2

        def sample_points(items: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
            points = torch.lerp(
                baselines[items], inputs[items], unsqueeze_like(positions[steps], inputs)
            )
            return points, unsqueeze_like(weights[steps], inputs)

        with frozen(network):
            outputs = batched_outputs(network, inputs, target, self.batch_size)
            at_baselines = batched_outputs(network, baselines, target, self.batch_size)
            slopes = mean_gradients(
                network, inputs, target, self.steps, sample_points, self.batch_size
            )
        values = slopes * (inputs - baselines)
        change = target_outputs(outputs, target) - target_outputs(at_baselines, target)
        return Attribution(values, outputs, completeness_gap(change, values))


@dataclass(frozen=True)
class SmoothGrad:
    """The mean gradient around the input (Smilkov et al. 2017, section 2).

    Every item has the same noise, scaled to its range, so its values do not depend on the batch.

    Attributes:
        draws: noisy copies of each item.
        noise: standard deviation, as a share of the item's range (largest minus smallest value).
        seed: of the noise.
        batch_size: copies per forward pass; small batches stay in the processor's cache.
    """

    draws: int = 50
    noise: float = 0.15
    seed: int = 0
    batch_size: int = 16
    name: ClassVar[str] = "SmoothGrad"

    def __post_init__(self) -> None:
        """Raise InputError for settings that are not positive or unknown."""
        require_positive(draws=self.draws, noise=self.noise, batch_size=self.batch_size)

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` `(batch,)` for each of `inputs` `(batch, ...)`.

        Raises:
            InputError: inputs, target or outputs do not fit together.
        """
        require_batch(inputs, target)
        noise = standard_noise((self.draws, *inputs.shape[1:]), self.seed, inputs)
        deviation = self.noise * value_range(inputs)

        def sample_points(items: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
            return inputs[items] + deviation[items] * noise[draws], inputs.new_ones(())

        with frozen(network):
            outputs = batched_outputs(network, inputs, target, self.batch_size)
            return Attribution(
                mean_gradients(network, inputs, target, self.draws, sample_points, self.batch_size),
                outputs,
            )
