"""From an explanation to sound: only what contributed stays audible.

A wave is `(samples,)`. The result is as long, never louder at its peak than the original or
than full scale, and silent where the original is.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from earwitness.errors import InputError


def masked(
    wave: Tensor, mask: Tensor, n_fft: int, hop: int, window: Tensor | None = None
) -> Tensor:
    """Weigh the short-time spectrum and keep its phase.

    Args:
        wave: `(samples,)`.
        mask: `(n_fft // 2 + 1, samples // hop + 1)` in [0, 1]: frequency by time.
        n_fft: length of a frame, in samples.
        hop: from one frame to the next, in samples; at most half of `n_fft`.
        window: `(n_fft,)`, Hann if left out.

    Returns:
        `(samples,)`.

    Raises:
        InputError: the mask has another shape or leaves [0, 1], or something is not finite.
    """
    frame = torch.hann_window(n_fft, dtype=wave.dtype) if window is None else window
    _require(wave, (len(wave),), "wave")
    _require(mask, (n_fft // 2 + 1, len(wave) // hop + 1), "mask")
    if mask.min() < 0 or mask.max() > 1:
        raise InputError("mask must lie in [0, 1]: scale the explanation first")
    spectrum = torch.stft(wave, n_fft, hop, window=frame, pad_mode="constant", return_complex=True)
    return _safe(torch.istft(spectrum * mask, n_fft, hop, window=frame, length=len(wave)), wave)


def gated(wave: Tensor, importance: Tensor) -> Tensor:
    """Turn the volume up and down with an importance over time.

    Args:
        wave: `(samples,)`.
        importance: `(segments,)`, equally long segments that span the wave; what is not above
            zero is silent, the maximum is at full volume, and between the middles of segments
            the volume changes linearly, so that nothing clicks.

    Returns:
        `(samples,)`.

    Raises:
        InputError: a shape does not fit, or something is not finite.
    """
    _require(wave, (len(wave),), "wave")
    _require(importance, (len(importance),), "importance")
    gain = F.interpolate(_unit(importance)[None, None], len(wave), mode="linear")[0, 0]
    return _safe(gain * wave, wave)


def from_relevance(wave: Tensor, relevance: Tensor, width: int = 81) -> Tensor:
    """What speaks for a class, times signal: after the audible explanation of Becker et al. (2024).

    Relevance jumps from sample to sample, which would be heard as noise; a Hann-shaped moving
    average smooths it first.

    Args:
        wave: `(samples,)`.
        relevance: `(samples,)`.
        width: of the moving average, in samples, odd; 81 are 10 ms at 8000 Hz, 1 is none.

    Returns:
        `(samples,)`; silence if no relevance is above zero.

    Raises:
        InputError: a shape does not fit, `width` is even, or something is not finite.
    """
    _require(wave, (len(wave),), "wave")
    _require(relevance, (len(wave),), "relevance")
    if width % 2 == 0:
        raise InputError(f"width = {width}: choose an odd number of samples")
    kernel = torch.hann_window(width + 2, periodic=False, dtype=wave.dtype)[1:-1]
    heard = relevance.to(wave.dtype).clamp(min=0)[None, None]
    smooth = F.conv1d(heard, kernel[None, None], padding=width // 2)[0, 0]
    return _safe(_unit(smooth) * wave, wave)


def _unit(values: Tensor) -> Tensor:
    """The part above zero, its maximum moved to 1; zeros if there is none."""
    heard = values.clamp(min=0)
    peak = heard.max()
    return heard / peak if peak > 0 else heard


def _safe(sound: Tensor, wave: Tensor) -> Tensor:
    """`sound`, scaled down as a whole to the peak of `wave` and to full scale."""
    allowed = wave.abs().max().clamp(max=1.0)
    peak = sound.abs().max()
    return sound * (allowed / peak) if peak > allowed else sound


def _require(values: Tensor, shape: tuple[int, ...], name: str) -> None:
    """Raise InputError unless `values` are finite, not empty and of this shape."""
    if tuple(values.shape) != shape or not values.numel():
        raise InputError(f"{name} is {tuple(values.shape)}, expected {shape}, not empty")
    if not torch.isfinite(values).all():
        raise InputError(f"{name} holds NaN or infinite values")
