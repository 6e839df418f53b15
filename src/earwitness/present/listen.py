"""From an explanation to sound: only what contributed stays audible.

`to` makes any explanation that has a time or a frequency audible: `volumes` says how loud each
part of the wave stays, `apart` plays it. A wave is `(samples,)`. The result is as long, never
louder at its peak than the original or than full scale, and silent where the original is.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torchaudio.functional import pitch_shift

from earwitness.errors import InputError
from earwitness.explain.explanation import Explanation
from earwitness.sound import audio

FRAME_S = 0.032
"""Length of the frames that `to` weighs, in s."""

FADE_S = 0.01
"""Length over which `to` turns the volume up and down, in s, so that nothing clicks."""

FULL_GAIN_SHARE = 0.9
"""Share of what speaks for the class that `to` plays at full volume."""


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
    """Take a wave apart into what speaks for the class and the rest.

    Args:
        explanation: of `wave`, with an axis "time" in s or "frequency" in Hz; what lies on other
            axes is added up.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Raises:
        InputError: the explanation has neither axis, or the wave is empty or not finite.
    """
    return split_by_mask(wave, relevance_gain(explanation, wave, rate), rate)


def relevance_gain(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """How loud each part of a wave stays so that what speaks for the class is heard.

    Values over frequency, with or without time, weigh the short-time spectrum; values over time
    alone turn the volume up and down. Cells that together carry nine tenths of what speaks for
    the class are at full volume, the others as much lower as they carry less.

    Args:
        explanation: as of `to`.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        In [0, 1]: `(bins, frames)` of the spectrum, or `(samples,)`.

    Raises:
        InputError: as `to`.
    """
    _require(wave, (len(wave),), "wave")
    names = [axis.name for axis in explanation.axes]
    if "frequency" in names:
        return _full(_on_spectrum(explanation, wave, rate))
    if "time" in names:
        return _full(_on_samples(explanation.over_time(), wave, rate))
    raise InputError(
        f"values over {' and '.join(names)} have no place in time or frequency: "
        "mix the components that they belong to, see earwitness.present.listen.mix_positive_sources"
    )


def mix_positive_sources(sources: Tensor, values: Tensor) -> Tensor:
    """Mix what speaks for the class: each source at full volume where its value is above zero.

    Args:
        sources: `(sources, samples)`.
        values: of each source, `(sources,)`, or of its equally long segments,
            `(sources, segments)`.

    Returns:
        `(samples,)`.

    Raises:
        InputError: shapes do not fit, or something is not finite.
    """
    grid = values.reshape(len(values), -1)
    _require(sources, (len(values), sources.shape[-1]), "sources")
    _require(grid, tuple(grid.shape), "values")
    is_on = (grid > 0).to(sources.dtype)
    samples = sources.shape[1]
    gains = F.interpolate(is_on[None], samples, mode="nearest")[0]
    return _safe((gains * sources).sum(0), sources.sum(0))


def split_by_best_components(sources: Tensor, values: Tensor, count: int = 3) -> SplitSound:
    """Take a mix apart into its best components, as audioLIME plays them, and the rest.

    Args:
        sources: `(sources, samples)`.
        values: of their equally long segments, `(sources, segments)`.
        count: how many components are heard at most; only those above zero are.

    Raises:
        InputError: shapes do not fit, or something is not finite.
    """
    flat = values.flatten()
    chosen = flat.topk(min(count, len(flat))).indices
    is_heard = torch.full_like(values, -1.0)
    is_heard.view(-1)[chosen[flat[chosen] > 0]] = 1.0
    return SplitSound(
        mix_positive_sources(sources, is_heard), mix_positive_sources(sources, -is_heard)
    )


def apply_spectral_mask(
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
        InputError: the mask has another shape or leaves [0, 1], something is not finite, or
            `n_fft` or `hop` do not fit.
    """
    if n_fft % 2 or not 0 < hop <= n_fft // 2:
        raise InputError(f"n_fft={n_fft}, hop={hop}: choose an even n_fft and at most half as hop")
    _require(wave, (len(wave),), "wave")
    _require_mask(mask, (n_fft // 2 + 1, len(wave) // hop + 1))
    frame = torch.hann_window(n_fft, dtype=wave.dtype) if window is None else window
    spectrum = torch.stft(wave, n_fft, hop, window=frame, pad_mode="constant", return_complex=True)
    return _safe(torch.istft(spectrum * mask, n_fft, hop, window=frame, length=len(wave)), wave)


def heatmap_gain(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """Volumes that make of `apart` heat map times signal (Becker et al. 2024).

    The volume follows what speaks for the class over time, and is full only where that is most;
    a moving average smooths it first, because relevance that jumps from sample to sample would
    be heard as noise.

    Args:
        explanation: of `wave`, with an axis "time" in s; what lies on other axes is added up.
        wave: `(samples,)`.
        rate: of the wave, in Hz.

    Returns:
        In [0, 1], `(samples,)`; zeros if nothing speaks for the class.

    Raises:
        InputError: the explanation has no time, or the wave is empty or not finite.
    """
    _require(wave, (len(wave),), "wave")
    return _unit(_on_samples(explanation.over_time(), wave, rate)).to(wave.dtype)


def split_by_mask(wave: Tensor, mask: Tensor, rate: int) -> SplitSound:
    """Take a wave apart into what a mask lets through and what it holds back.

    Args:
        wave: `(samples,)`.
        mask: volumes in [0, 1], as `volumes` or `heat` return them.
        rate: of the wave, in Hz.

    Raises:
        InputError: the mask has another shape or leaves [0, 1], or something is not finite.
    """
    if mask.dim() > 1:
        frame = _frame(rate)
        return SplitSound(
            apply_spectral_mask(wave, mask, *frame), apply_spectral_mask(wave, 1 - mask, *frame)
        )
    _require(wave, (len(wave),), "wave")
    _require_mask(mask, (len(wave),))
    return SplitSound(_safe(mask * wave, wave), _safe((1 - mask) * wave, wave))


def pitch_up(wave: Tensor, rate: int, octaves: int) -> Tensor:
    """A low sound, such as a heart's, raised to where small loudspeakers play; no slower or faster.

    A phase vocoder (torchaudio's) shifts it after resampling to `audio.RATE`. Its frames of
    128 ms tell 8 Hz apart and smear what is sudden by as much.

    Args:
        wave: `(samples,)`.
        rate: of the wave, in Hz.
        octaves: how far, 0 or more; 2 bring the 60 Hz of a first heart sound to 240 Hz.

    Returns:
        As long in time, at 8 kHz, its peak no higher: `(samples * 8000 / rate,)`.

    Raises:
        InputError: the wave is empty or not finite, or `octaves` is below zero.
    """
    _require(wave, (len(wave),), "wave")
    if octaves < 0:
        raise InputError(f"octaves={octaves}: choose 0 or more")
    fine = torch.from_numpy(audio.resample(wave.float().numpy(), rate, audio.RATE))
    shifted: Tensor = pitch_shift(fine, audio.RATE, octaves, bins_per_octave=1, n_fft=1024)
    return _safe(shifted, wave)


def _frame(rate: int) -> tuple[int, int]:
    """Length and hop of the frames that are weighed, in samples; an even number."""
    hop = max(1, round(FRAME_S * rate / 4))
    return 4 * hop, hop


def _on_spectrum(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """What speaks for the class, on the grid of a spectrum `(n_fft // 2 + 1, frames)`."""
    n_fft, hop = _frame(rate)
    frequencies = torch.arange(n_fft // 2 + 1) * rate / n_fft
    onto_rows = _onto(explanation.axis("frequency").values, frequencies)
    frames = len(wave) // hop + 1
    if "time" not in [axis.name for axis in explanation.axes]:
        rows = explanation.over_frequency().positive().values.double()
        return (onto_rows @ rows)[:, None].expand(-1, frames)
    cells = _time_frequency(explanation)
    onto_frames = _onto(explanation.axis("time").values, torch.arange(frames) * hop / rate)
    return onto_rows @ cells.clamp(min=0).double() @ onto_frames.T


def _time_frequency(explanation: Explanation) -> Tensor:
    """Values `(frequencies, times)`, summed over all other axes."""
    names = [axis.name for axis in explanation.axes]
    others = [index for index, name in enumerate(names) if name not in ("frequency", "time")]
    cells = explanation.values.sum(others) if others else explanation.values
    return cells if names.index("frequency") < names.index("time") else cells.T


def _on_samples(explanation: Explanation, wave: Tensor, rate: int) -> Tensor:
    """What speaks for the class at each sample `(samples,)`, a moving average of `FADE`."""
    (axis,) = explanation.axes
    heard = explanation.positive().values
    dense = np.interp(np.arange(len(wave)) / rate, axis.values.numpy(), heard.numpy())
    width = 2 * round(FADE_S * rate / 2) + 1
    return F.avg_pool1d(torch.from_numpy(dense)[None], width, 1, width // 2)[0]


def _onto(places: Tensor, grid: Tensor) -> Tensor:
    """Weights `(grid, places)` that read values off another grid: triangles, each row adds to 1.

    A triangle reaches to its neighbours, or one step of the grid where these are nearer, so that
    coarse values are interpolated and fine ones averaged. Places ascend, evenly or not.
    """
    places, grid = places.double(), grid.double()
    finest = float(grid.diff().max()) if len(grid) > 1 else 1e-9
    gaps, end = places.diff().clamp(min=finest), places.new_full((1,), finest)
    away = grid[:, None] - places
    reach = torch.where(away < 0, torch.cat([end, gaps]), torch.cat([gaps, end]))
    # Beyond the outermost place its value holds on.
    nearest = away.abs().min(dim=1, keepdim=True).values
    weights = (1 - away.abs() / torch.maximum(reach, nearest * 1.001)).clamp(min=0)
    return weights / weights.sum(1, keepdim=True)


def _full(values: Tensor) -> Tensor:
    """Volumes in [0, 1]: 1 where the largest values lie that add up to `SHARE` of all."""
    descending = values.flatten().sort(descending=True).values
    carried = descending.cumsum(0)
    if not carried[-1] > 0:
        return torch.zeros_like(values, dtype=torch.float32)
    threshold = descending[(carried < FULL_GAIN_SHARE * carried[-1]).sum()]
    return (values / threshold).clamp(max=1).float()


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
        raise InputError(f"{name} holds NaN or infinite values: replace them first")


def _require_mask(mask: Tensor, shape: tuple[int, ...]) -> None:
    """Raise InputError unless `mask` is all of that and in [0, 1]."""
    _require(mask, shape, "mask")
    if mask.min() < 0 or mask.max() > 1:
        raise InputError("mask must lie in [0, 1]: scale the explanation first")
