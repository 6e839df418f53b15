"""From an explanation to sound: only what contributed to the class stays audible.

`split_by_relevance` makes any explanation that has a time or a frequency axis audible:
`relevance_gain` computes the gain of each part of the wave, `split_by_mask` applies it. The
results are as long as the wave, silent where it is silent, and their peak exceeds neither its peak
nor full scale (1).
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F
from torchaudio.functional import pitch_shift

from earwitness.errors import InputError
from earwitness.explain.explanation import Explanation
from earwitness.present.gains import (
    rectify_and_normalise,
    relevance_on_samples,
    relevance_on_spectrum,
    saturated_gain,
)
from earwitness.present.spectral_mask import (
    apply_spectral_mask,
    limit_peak,
    require_finite,
    require_mask,
    spectral_frame,
)
from earwitness.sound import audio


class SplitSound(NamedTuple):
    """A wave split by an explanation into two waves, each `(samples,)` with peak at most 1.

    `relevant` is what supports the class, `rest` what remains of the wave without it.
    """

    relevant: Tensor
    rest: Tensor

    def by_part(self) -> dict[str, Tensor]:
        """Both waves `(samples,)` under "heard" and "rest", as file names and indexes call them."""
        return {"heard": self.relevant, "rest": self.rest}


def split_by_relevance(explanation: Explanation, wave: Tensor, rate: int) -> SplitSound:
    """Split a wave into what supports the class and the rest.

    Args:
        explanation: of `wave`, with an axis "time" in s or "frequency" in Hz; all other axes are
            summed over.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Raises:
        InputError: the explanation has neither axis, or the wave is empty or not finite.
    """
    return split_by_mask(wave, relevance_gain(explanation, wave, rate), rate)


def relevance_gain(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """The gain of each part of a wave that leaves what supports the class audible.

    Values over frequency, with or without time, weight the short-time spectrum; values over time
    alone control the volume. Cells that together hold `gains.FULL_GAIN_SHARE` of the positive
    relevance have the gain 1; the gain of the others falls with their relevance.

    Args:
        explanation: as of `split_by_relevance`.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        Gains in [0, 1]: `(bins, frames)` of the short-time spectrum, or `(samples,)`.

    Raises:
        InputError: as of `split_by_relevance`.
    """
    require_finite(wave, (len(wave),), "wave")
    names = [axis.name for axis in explanation.axes]
    if "frequency" in names:
        return saturated_gain(relevance_on_spectrum(explanation, wave, rate))
    if "time" in names:
        return saturated_gain(relevance_on_samples(explanation.over_time(), wave, rate))
    raise InputError(
        f"values over {' and '.join(names)} have no place in time or frequency: "
        "mix the components that they belong to, see "
        "earwitness.present.listen.mix_positive_sources"
    )


def heatmap_gain(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """The gain over time of heat map times signal (Becker et al. 2024), for `split_by_mask`.

    ReLU(R) / max(R) of relevance R over time. A moving average smooths R first, because relevance
    that jumps from sample to sample sounds like noise.

    Args:
        explanation: of `wave`, with an axis "time" in s; all other axes are summed over.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        Gains in [0, 1], `(samples,)`; zeros if no relevance is positive.

    Raises:
        InputError: the explanation has no time axis, or the wave is empty or not finite.
    """
    require_finite(wave, (len(wave),), "wave")
    relevance = relevance_on_samples(explanation.over_time(), wave, rate)
    return rectify_and_normalise(relevance).to(wave.dtype)


def split_by_mask(wave: Tensor, mask: Tensor, rate: int) -> SplitSound:
    """Split a wave into what a mask passes and what it removes.

    Args:
        wave: `(samples,)`.
        mask: gains in [0, 1], `(samples,)` or `(bins, frames)`, as of `relevance_gain` or
            `heatmap_gain`.
        rate: of the wave, in Hz.

    Raises:
        InputError: the mask has another shape or leaves [0, 1], or a value is not finite.
    """
    if mask.dim() > 1:
        frame = spectral_frame(rate)
        passed, removed = (apply_spectral_mask(wave, part, *frame) for part in (mask, 1 - mask))
        return SplitSound(passed, removed)
    require_finite(wave, (len(wave),), "wave")
    require_mask(mask, (len(wave),))
    return SplitSound(limit_peak(mask * wave, wave), limit_peak((1 - mask) * wave, wave))


def mix_positive_sources(sources: Tensor, values: Tensor) -> Tensor:
    """Mix the sources whose values are above zero, at full volume where they are.

    Args:
        sources: waves `(sources, samples)`.
        values: contribution of each source, `(sources,)`, or of its equally long segments,
            `(sources, segments)`.

    Returns:
        `(samples,)`, its peak no higher than that of the sum of all sources.

    Raises:
        InputError: the shapes do not match, or a value is not finite.
    """
    grid = values.reshape(len(values), -1)
    require_finite(sources, (len(values), sources.shape[-1]), "sources")
    require_finite(grid, tuple(grid.shape), "values")
    is_on = (grid > 0).to(sources.dtype)
    samples = sources.shape[1]
    gains = F.interpolate(is_on[None], samples, mode="nearest")[0]
    return limit_peak((gains * sources).sum(0), sources.sum(0))


def split_by_best_components(sources: Tensor, values: Tensor, count: int = 3) -> SplitSound:
    """Split a mix into its components with the largest values, as audioLIME does, and the rest.

    Args:
        sources: waves `(sources, samples)`.
        values: contributions of their equally long segments, `(sources, segments)`.
        count: the most components to keep; those with values of zero or less are never kept.

    Raises:
        InputError: the shapes do not match, or a value is not finite.
    """
    flat = values.flatten()
    largest = flat.topk(min(count, len(flat))).indices
    sign = torch.full_like(values, -1.0)
    sign.view(-1)[largest[flat[largest] > 0]] = 1.0
    return SplitSound(mix_positive_sources(sources, sign), mix_positive_sources(sources, -sign))


def pitch_up(wave: Tensor, rate: int, octaves: int) -> Tensor:
    """Raise the pitch of a low sound, such as a heart's, to where small loudspeakers play it.

    A phase vocoder (torchaudio's) shifts it after resampling to `audio.RATE`; its duration stays.
    Frames of 128 ms resolve 8 Hz and smear transients by as much as their length.

    Args:
        wave: `(samples,)`.
        rate: of the wave, in Hz.
        octaves: by how much, 0 or more; 2 bring the 60 Hz of a first heart sound to 240 Hz.

    Returns:
        At 8 kHz, its peak no higher than that of `wave`: `(samples * 8000 / rate,)`.

    Raises:
        InputError: the wave is empty or not finite, or `octaves` is below zero.
    """
    require_finite(wave, (len(wave),), "wave")
    if octaves < 0:
        raise InputError(f"octaves={octaves}: choose 0 or more")
    fine = torch.from_numpy(audio.resample(wave.float().numpy(), rate, audio.RATE))
    shifted: Tensor = pitch_shift(fine, audio.RATE, octaves, bins_per_octave=1, n_fft=1024)
    return limit_peak(shifted, wave)
