"""From relevance to gains: positive relevance on the grid of a wave or of its spectrum, in [0, 1].

Explanations lie on grids of their own: segments, mel bands, samples at another rate. Here they are
resampled to each sample of a wave, or to each cell of its short-time spectrum.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from earwitness.explain.explanation import Explanation
from earwitness.present.spectral_mask import spectral_frame

FADE_S = 0.01
"""Length of the moving average over relevance in time, in s: gains that jump would click."""

FULL_GAIN_SHARE = 0.9
"""Share of the positive relevance that `saturated_gain` gives the full gain of 1."""


def relevance_on_spectrum(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """Positive relevance in each cell of the short-time spectrum of a wave.

    Args:
        explanation: with an axis "frequency" in Hz and perhaps one "time" in s; all other axes are
            summed over.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        float64 `(n_fft // 2 + 1, frames)`, see `spectral_frame`; the same in every frame if the
        explanation has no time. In the unit of the explanation.
    """
    n_fft, hop = spectral_frame(rate)
    frequencies = torch.arange(n_fft // 2 + 1) * rate / n_fft
    onto_rows = resampling_weights(explanation.axis("frequency").values, frequencies)
    frames = len(wave) // hop + 1
    if "time" not in [axis.name for axis in explanation.axes]:
        rows = explanation.over_frequency().positive().values.double()
        return (onto_rows @ rows)[:, None].expand(-1, frames)
    cells = _time_frequency(explanation)
    times = torch.arange(frames) * hop / rate
    onto_frames = resampling_weights(explanation.axis("time").values, times)
    return onto_rows @ cells.clamp(min=0).double() @ onto_frames.T


def _time_frequency(explanation: Explanation) -> Tensor:
    """Values `(frequencies, times)`, summed over all other axes, in the explanation's unit."""
    names = [axis.name for axis in explanation.axes]
    others = [index for index, name in enumerate(names) if name not in ("frequency", "time")]
    cells = explanation.values.sum(others) if others else explanation.values
    return cells if names.index("frequency") < names.index("time") else cells.T


def relevance_on_samples(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """Positive relevance at each sample of a wave, smoothed by a moving average of `FADE_S`.

    Args:
        explanation: whose only axis is "time", in s.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        float64 `(samples,)`, in the unit of the explanation.
    """
    (axis,) = explanation.axes
    positive = explanation.positive().values
    dense = np.interp(np.arange(len(wave)) / rate, axis.values.numpy(), positive.numpy())
    width = 2 * round(FADE_S * rate / 2) + 1
    return F.avg_pool1d(torch.from_numpy(dense)[None], width, 1, width // 2)[0]


def resampling_weights(points: Tensor, grid: Tensor) -> Tensor:
    """Weights that resample values from one grid to another: triangles around `points`.

    A triangle reaches to the neighbouring points, or by one step of the grid where these are
    nearer: coarse values are interpolated, fine ones averaged.

    Args:
        points: `(points,)`, ascending, evenly spaced or not.
        grid: `(grid,)`, ascending, in the same unit (s or Hz).

    Returns:
        float64 `(grid, points)`, without unit; each row sums to 1. Beyond the outermost points the
        values there hold on.
    """
    points, grid = points.double(), grid.double()
    finest = float(grid.diff().max()) if len(grid) > 1 else 1e-9
    gaps, end = points.diff().clamp(min=finest), points.new_full((1,), finest)
    distance = grid[:, None] - points
    reach = torch.where(distance < 0, torch.cat([end, gaps]), torch.cat([gaps, end]))
    # A triangle that ends before the grid point is widened, so that no row of weights is empty.
    nearest = distance.abs().min(dim=1, keepdim=True).values
    weights = (1 - distance.abs() / torch.maximum(reach, nearest * 1.001)).clamp(min=0)
    return weights / weights.sum(1, keepdim=True)


def saturated_gain(relevance: Tensor) -> Tensor:
    """Gains: 1 for the largest values that together hold `FULL_GAIN_SHARE` of the sum.

    Smaller values get their ratio to the smallest of these.

    Args:
        relevance: `(...)`, not negative, in any unit.

    Returns:
        float32 in [0, 1], shaped like `relevance`; zeros if its sum is not positive.
    """
    descending = relevance.flatten().sort(descending=True).values
    cumulative = descending.cumsum(0)
    if not cumulative[-1] > 0:
        return torch.zeros_like(relevance, dtype=torch.float32)
    threshold = descending[(cumulative < FULL_GAIN_SHARE * cumulative[-1]).sum()]
    return (relevance / threshold).clamp(max=1).float()


def rectify_and_normalise(values: Tensor) -> Tensor:
    """ReLU(values) / max(values), in [0, 1], shaped like `values` `(...)`; zeros if none exceeds 0.

    The mask of heat map times signal (Becker et al. 2024).
    """
    positive = values.clamp(min=0)
    peak = positive.max()
    return positive / peak if peak > 0 else torch.zeros_like(values)
