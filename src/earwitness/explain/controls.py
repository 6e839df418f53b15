"""Model-free controls: explanations that do not use the network, which any method should beat.

Each is an `earwitness.explain.explainers.Explainer` with values over time. They depend on the
sound alone or on nothing, so their score is what a measure gives to any explanation.
"""

from dataclasses import dataclass
from typing import Any, ClassVar
from zlib import crc32

import torch
from torch import Tensor

from earwitness.explain.attribution import require_positive
from earwitness.explain.components.base import require_wave
from earwitness.explain.components.waves import time_axis
from earwitness.explain.explainers import plain_settings
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.model import AudioModel
from earwitness.randomness import generator


@dataclass(frozen=True)
class Random:
    """Uniform draws in [0, 1), reproducible for each sound and different between sounds.

    Attributes:
        count: of equally long segments of time, one draw each.
        seed: of the draws.

    Raises:
        InputError: `count` is not above zero.
    """

    name: ClassVar[str] = "random"
    count: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise InputError unless there are values."""
        require_positive(count=self.count)

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Values `(count,)` for `(samples,)`; InputError if that is not one finite sound."""
        require_wave(wave)
        random = generator(self.seed, crc32(wave.cpu().contiguous().numpy().tobytes()))
        values = torch.rand(self.count, generator=random, dtype=torch.float64)
        axis = time_axis(self.count, model.rate, len(wave))
        return _explanation(model, wave, target, values, axis, self)


@dataclass(frozen=True)
class Constant:
    """The same value everywhere, in `count` equally long segments of time.

    Raises:
        InputError: `count` is not above zero.
    """

    name: ClassVar[str] = "constant"
    count: int

    def __post_init__(self) -> None:
        """Raise InputError unless there are values."""
        require_positive(count=self.count)

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Values `(count,)` for `(samples,)`; InputError if that is not one finite sound."""
        require_wave(wave)
        values = torch.ones(self.count, dtype=torch.float64)
        axis = time_axis(self.count, model.rate, len(wave))
        return _explanation(model, wave, target, values, axis, self)


@dataclass(frozen=True)
class Magnitude:
    """Absolute value of each sample: an explanation by loudness."""

    name: ClassVar[str] = "input magnitude"

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Values `(samples,)` for `(samples,)`; InputError if that is not one finite sound."""
        require_wave(wave)
        axis = Axis("time", "s", torch.arange(len(wave)) / model.rate)
        return _explanation(model, wave, target, wave.abs().cpu(), axis, self)


@dataclass(frozen=True)
class Onsets:
    """Where the sound gets louder: positive spectral flux (Dixon 2006).

    The increase in magnitude of each frequency from one frame to the next, summed over
    frequencies; the counterpart of an edge detector for images. The frame before the first is
    silent, so a sound that begins at the first sample has an onset there.

    Attributes:
        window_s: length of a frame in s; a quarter of it is the hop.

    Raises:
        InputError: `window_s` is not above zero.
    """

    name: ClassVar[str] = "onsets"
    window_s: float = 0.032

    def __post_init__(self) -> None:
        """Raise InputError unless there are frames."""
        require_positive(window_s=self.window_s)

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Values `(frames,)` for `(samples,)`; InputError if that is not one finite sound."""
        require_wave(wave)
        hop = max(1, round(self.window_s * model.rate / 4))
        window = torch.hann_window(4 * hop).to(wave)
        spectrum = torch.stft(
            wave, 4 * hop, hop, window=window, pad_mode="constant", return_complex=True
        ).abs()
        before = torch.nn.functional.pad(spectrum, (1, 0))[:, :-1]
        values = (spectrum - before).clamp(min=0).sum(0).cpu()
        axis = Axis("time", "s", torch.arange(len(values)) * hop / model.rate)
        return _explanation(model, wave, target, values, axis, self)


def _explanation(
    model: AudioModel,
    wave: Tensor,
    target: int,
    values: Tensor,
    axis: Axis,
    control: Any,
) -> Explanation:
    """Values `(steps,)` over time, with the model's probability of the target class."""
    return Explanation(
        values=values,
        axes=(axis,),
        target=model.classes[target],
        probability=model.probability(wave, target),
        method=f"{control.name} (control)",
        settings=plain_settings(control),
        gap=None,
    )
