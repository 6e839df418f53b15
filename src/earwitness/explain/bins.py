"""Explanations resampled to bins of time; each value is spread evenly over its interval."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation


def binned(explanation: Explanation, edges: Tensor) -> Explanation:
    """Sum the contributions in each bin of time, and over all other axes.

    A value is spread evenly over the interval that is nearer to its position than to any other,
    so a bin may be shorter or longer than the explanation's own steps. The sum of values is
    preserved if the bins cover all intervals.

    Args:
        explanation: with an axis "time" of ascending positions in s.
        edges: of the bins `(bins + 1,)`, in s, ascending.

    Returns:
        Values `(bins,)` at the centres of the bins, in s; without standard errors.

    Raises:
        InputError: the explanation has no time axis, or a single step of time.
    """
    over_time = explanation.over_time()
    bounds = _bounds(over_time.axes[0].values.double().numpy())
    cumulated = np.concatenate([[0.0], over_time.values.double().numpy().cumsum()])
    ends = edges.double()
    values = torch.from_numpy(np.diff(np.interp(ends.numpy(), bounds, cumulated)))
    axis = Axis("time", "s", (ends[1:] + ends[:-1]) / 2)
    return replace(over_time, values=values, axes=(axis,), error=None)


def equal_bins(seconds: float, step_s: float) -> Tensor:
    """Edges of equal bins over a sound of `seconds`, about `step_s` each: `(bins + 1,)`, in s."""
    count = max(1, round(seconds / step_s))
    return torch.linspace(0, seconds, count + 1, dtype=torch.float64)


def _bounds(positions: np.ndarray) -> np.ndarray:
    """Bounds `(steps + 1,)` of the intervals around `positions` `(steps,)`, in s.

    They lie midway between neighbours; the first interval does not begin before 0 s.
    """
    if len(positions) < 2:
        raise InputError("one step of time says nothing of when; choose a method with several")
    inner = (positions[1:] + positions[:-1]) / 2
    first, last = max(0.0, 2 * positions[0] - inner[0]), 2 * positions[-1] - inner[-1]
    return np.concatenate([[first], inner, [last]])
