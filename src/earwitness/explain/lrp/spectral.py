"""Relevance of a waveform over time and frequency: DFT-LRP.

Vielhaben et al. (2024, arXiv:2303.06365) put a virtual layer in front of a network: the inverse
short-time Fourier transform, which turns spectral coefficients into the waveform. The epsilon
rule through that layer is computed with fast transforms, without a matrix. With q
the relevance of each sample over its value, X the spectrum of the waveform and Q that of q,
R_k is proportional to Re(X_k conj(Q_k)): the sum of the shares of cosine and sine, and of the two
halves of a real signal's spectrum.

The sum of relevance is preserved except for that of silent samples: a sample of value zero has no
spectrum that could receive it.
"""

from dataclasses import replace

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.lrp.flows import quotient

LEAST_OVERLAP = 0.1
"""Least sum of windows over a sample, relative to the largest. The relevance of a sample at the
edge of a single window would be amplified by the division before it is spread over that frame."""


def over_time_frequency(
    signal: Tensor,
    relevance: Tensor,
    n_fft: int,
    hop: int,
    window: Tensor | None = None,
    epsilon: float = 1e-6,
) -> Tensor:
    """Relevance of each frequency in each frame, `(batch, n_fft // 2 + 1, samples // hop + 1)`.

    The virtual layer sums the frames and divides by the sum of the windows, so a sample's
    relevance is distributed over its frames by their windows. Frames are centred at multiples of
    `hop`, with zeros around the signal; an odd `n_fft` may have one frame fewer at the end.
    Raises InputError if shapes differ, a value is not finite, or frames leave samples out.

    Args:
        signal: `(batch, samples)`.
        relevance: `(batch, samples)`, of each sample.
        n_fft: length of a frame, in samples.
        hop: from one frame to the next, in samples.
        window: `(n_fft,)`, not negative; Hann by default.
        epsilon: keeps the denominator of the rule from zero, in the unit of the signal.
    """
    per_unit = _per_unit(signal, relevance, epsilon)
    hann = torch.hann_window(n_fft, dtype=signal.dtype)
    weights = (hann if window is None else window).to(signal)
    spectrum = _frames(signal, hop, weights)
    overlap = _overlap(weights, hop, spectrum.shape[2], signal.shape[1])
    slopes = _frames(per_unit / overlap, hop, torch.ones_like(weights))
    return _shares(spectrum.mT, slopes.mT, n_fft).mT


def in_time_frequency(
    explanation: Explanation, wave: Tensor, rate: int, n_fft: int, hop: int
) -> Explanation:
    """The same explanation of a waveform on the axes frequency (Hz) and time (s).

    `explanation` has one value per sample of `wave` `(samples,)` at `rate` Hz, whose scale does
    not matter; frames have `n_fft` samples, one every `hop` samples. Raises InputError if the
    explanation has other axes or another length than the wave.
    """
    start = explanation.axis("time").values[0]
    if explanation.values.shape != wave.shape:
        raise InputError(
            f"the explanation is {tuple(explanation.values.shape)}, the wave {tuple(wave.shape)}: "
            "give an explanation over time alone, one value per sample"
        )
    relevance = explanation.values.to(wave)
    level = wave.abs().max().clamp(min=torch.finfo(wave.dtype).tiny)
    values = over_time_frequency((wave / level)[None], relevance[None], n_fft, hop)[0]
    frequency = Axis("frequency", "Hz", torch.arange(len(values)) * rate / n_fft)
    time = Axis("time", "s", start + torch.arange(values.shape[1]) * hop / rate)
    gap = explanation.gap
    return replace(
        explanation,
        values=values,
        axes=(frequency, time),
        method=f"{explanation.method} (DFT-LRP)",
        settings=explanation.settings | {"n_fft": n_fft, "hop": hop},
        gap=None if gap is None else gap + float(relevance.sum() - values.sum()),
        error=None,
    )


def _per_unit(signal: Tensor, relevance: Tensor, epsilon: float) -> Tensor:
    """Relevance over signal, `(batch, samples)`; zero where the signal is zero."""
    if signal.dim() != 2 or signal.shape != relevance.shape or not signal.numel():
        raise InputError(
            f"signal is {tuple(signal.shape)}, relevance {tuple(relevance.shape)}: "
            "both must be (batch, samples), not empty"
        )
    if not (signal.isfinite().all() and relevance.isfinite().all()):
        raise InputError("signal or relevance holds NaN or infinite values")
    return quotient(relevance, signal, epsilon).where(signal != 0, 0)


def _shares(spectrum: Tensor, slopes: Tensor, length: int) -> Tensor:
    """Relevance `(..., bins)` of the coefficients of an inverse real DFT of `length` samples."""
    shares = (spectrum * slopes.conj()).real * (2 / length)
    shares[..., 0] /= 2  # all other bins represent their mirror image as well
    if length % 2 == 0:
        shares[..., -1] /= 2
    return shares


def _frames(signal: Tensor, hop: int, window: Tensor) -> Tensor:
    """Short-time spectra `(batch, bins, frames)` of a signal `(batch, samples)`."""
    return torch.stft(
        signal, len(window), hop, window=window, pad_mode="constant", return_complex=True
    )


def _overlap(window: Tensor, hop: int, frames: int, samples: int) -> Tensor:
    """Sum of all windows at each sample `(samples,)`; InputError where it is nearly zero."""
    ones = window.new_ones(1, 1, frames)
    summed = torch.nn.functional.conv_transpose1d(ones, window[None, None], stride=hop)[0, 0]
    overlap = summed[len(window) // 2 :][:samples]
    if len(overlap) < samples or not overlap.min() > LEAST_OVERLAP * overlap.max():
        raise InputError(
            f"frames of {len(window)} samples every {hop} leave samples out: choose a smaller hop, "
            "a quarter of n_fft or less"
        )
    return overlap
