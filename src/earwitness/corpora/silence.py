"""Silence before and after speech, found by level and cut off."""

import numpy as np
import torch
from scipy.signal import butter, sosfiltfilt
from torch import Tensor

BAND = (150.0, 3600.0)
"""Where speech is, in Hz: hum below and hiss above do not count."""
FRAME, HOP = 0.020, 0.010
"""Length and distance of frames, in seconds."""
THRESHOLD = -36.0
"""Level of an active frame, in dB re the loudest frame."""
NEIGHBOURS, NEEDED = 5, 4
"""An active frame counts if `NEEDED` of the `NEIGHBOURS` around it are active: no click does."""
MARGIN = 0.100
"""What is kept on both sides, in seconds."""


def trim(wave: Tensor, rate: int) -> Tensor:
    """Cut silence off both ends of `(samples,)` at `rate` Hz, but for a margin of 100 ms.

    Returns:
        The stretch from the first to the last sustained active frame, with its margin (less
        only where the recording itself begins or ends); all of it where there is none, or
        where the recording is no longer than a frame.
    """
    frame, hop, margin = (round(seconds * rate) for seconds in (FRAME, HOP, MARGIN))
    if len(wave) <= frame:
        return wave
    active = np.flatnonzero(_sustained(_levels(wave, rate, frame, hop) > THRESHOLD))
    if not len(active):
        return wave
    start = active[0] * hop - margin
    stop = active[-1] * hop + frame + margin
    return wave[max(start, 0) : stop]


def _levels(wave: Tensor, rate: int, frame: int, hop: int) -> np.ndarray:
    """Level of each frame of the band-passed wave, in dB re the loudest."""
    band = butter(4, BAND, btype="bandpass", fs=rate, output="sos")
    filtered = torch.from_numpy(sosfiltfilt(band, wave.numpy()).copy())
    power = filtered.unfold(0, frame, hop).square().mean(dim=1).numpy()
    return 10 * np.log10(np.maximum(power / power.max(), 1e-12))


def _sustained(active: np.ndarray) -> np.ndarray:
    """Which frames are active and have enough active neighbours, themselves included."""
    return active & (np.convolve(active, np.ones(NEIGHBOURS, dtype=int), mode="same") >= NEEDED)
