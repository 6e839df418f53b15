"""Explanations on other steps of time: what a value tells of a stretch is shared out over it."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation


def binned(explanation: Explanation, edges: Tensor) -> Explanation:
    """Contribution over time, added up in bins; over other axes it is summed.

    A value stands for the time that is nearer to its place than to any other and is spread evenly
    over it, so that a bin may be shorter or longer than the explanation's own steps. The sum of
    values stays if the bins cover all of that time.

    Args:
        explanation: with an axis "time", its places ascending.
        edges: of the bins `(bins + 1,)`, in s, ascending.

    Returns:
        Values `(bins,)` at the middles of the bins; without standard errors.

    Raises:
        InputError: the explanation has no time, or only one step of it.
    """
    over_time = explanation.over_time()
    bounds = _bounds(over_time.axes[0].values.double().numpy())
    whole = np.concatenate([[0.0], over_time.values.double().numpy().cumsum()])
    ends = edges.double()
    values = torch.from_numpy(np.diff(np.interp(ends.numpy(), bounds, whole)))
    axis = Axis("time", "s", (ends[1:] + ends[:-1]) / 2)
    return replace(over_time, values=values, axes=(axis,), error=None)


def equal_bins(seconds: float, step_s: float) -> Tensor:
    """Edges of equal bins over a sound of `seconds`, about `step_s` each: `(bins + 1,)`, in s."""
    count = max(1, round(seconds / step_s))
    return torch.linspace(0, seconds, count + 1, dtype=torch.float64)


def _bounds(places: np.ndarray) -> np.ndarray:
    """Where the time of each place begins and ends, `(places + 1,)`: midway to its neighbours.

    A first place at 0 s has no time before it.
    """
    if len(places) < 2:
        raise InputError("one step of time says nothing of when; choose a method with several")
    inner = (places[1:] + places[:-1]) / 2
    first, last = max(0.0, 2 * places[0] - inner[0]), 2 * places[-1] - inner[-1]
    return np.concatenate([[first], inner, [last]])
