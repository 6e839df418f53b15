"""Filtering a wave by a mask on its short-time spectrum, and the checks of waves and masks."""

import torch
from torch import Tensor

from earwitness.errors import InputError

FRAME_S = 0.032
"""Length of the frames of the short-time spectrum, in s."""


def spectral_frame(rate: int) -> tuple[int, int]:
    """Length (even) and hop of the frames of the short-time spectrum, in samples.

    Args:
        rate: sampling rate, in Hz.
    """
    hop = max(1, round(FRAME_S * rate / 4))
    return 4 * hop, hop


def apply_spectral_mask(
    wave: Tensor, mask: Tensor, n_fft: int, hop: int, window: Tensor | None = None
) -> Tensor:
    """Multiply the magnitudes of the short-time spectrum by a mask; phases stay as they are.

    Args:
        wave: `(samples,)`.
        mask: gains in [0, 1], `(n_fft // 2 + 1, samples // hop + 1)`: frequency by time.
        n_fft: length of a frame, in samples.
        hop: from one frame to the next, in samples; at most half of `n_fft`.
        window: `(n_fft,)`; a Hann window if left out.

    Returns:
        `(samples,)`, its peak no higher than that of `wave` nor than 1.

    Raises:
        InputError: the mask has another shape or leaves [0, 1], a value is not finite, or `n_fft`
            or `hop` are out of range.
    """
    if n_fft % 2 or not 0 < hop <= n_fft // 2:
        raise InputError(f"n_fft={n_fft}, hop={hop}: choose an even n_fft and at most half as hop")
    require_finite(wave, (len(wave),), "wave")
    require_mask(mask, (n_fft // 2 + 1, len(wave) // hop + 1))
    frame = torch.hann_window(n_fft, dtype=wave.dtype) if window is None else window
    spectrum = torch.stft(wave, n_fft, hop, window=frame, pad_mode="constant", return_complex=True)
    filtered = torch.istft(spectrum * mask, n_fft, hop, window=frame, length=len(wave))
    return limit_peak(filtered, wave)


def limit_peak(sound: Tensor, wave: Tensor) -> Tensor:
    """`sound` `(samples,)`, scaled down as a whole to the peak of `wave` `(samples,)` and to 1."""
    allowed = wave.abs().max().clamp(max=1.0)
    peak = sound.abs().max()
    return sound * (allowed / peak) if peak > allowed else sound


def require_finite(values: Tensor, shape: tuple[int, ...], name: str) -> None:
    """Raise InputError unless `values`, of any unit, have this `shape` and are finite, not empty.

    Args:
        values: `(...)`, to be checked.
        shape: that they must have.
        name: what the message calls them.
    """
    if tuple(values.shape) != shape or not values.numel():
        raise InputError(f"{name} is {tuple(values.shape)}, expected {shape}, not empty")
    if not torch.isfinite(values).all():
        raise InputError(f"{name} holds NaN or infinite values: replace them first")


def require_mask(mask: Tensor, shape: tuple[int, ...]) -> None:
    """Raise InputError unless `mask` `(...)` has this `shape` and holds gains in [0, 1]."""
    require_finite(mask, shape, "mask")
    if mask.min() < 0 or mask.max() > 1:
        raise InputError("mask must lie in [0, 1]: scale the explanation first")
