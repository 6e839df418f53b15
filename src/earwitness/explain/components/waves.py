"""Components of waves: the input of the front end is the sum of the components that are on.

Components that are off are replaced before the front end; with "zero" they are silent.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.baselines import Fill, replacement
from earwitness.explain.components.base import Components, Mixture, require_wave, sections
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel


@dataclass(frozen=True, eq=False, kw_only=True)
class WaveDivider(ABC):
    """Divides sounds into components that sum to them.

    Attributes:
        fill: replaces components that are off: `zero`, `mean`, `noise` (white, as loud as the
            whole), or the same part of another wave `(samples,)`.
        seed: of the noise.
    """

    fill: Fill = "zero"
    seed: int = 0

    @abstractmethod
    def divide(self, sounds: Tensor) -> Tensor:
        """Sounds `(sounds, samples)` -> components `(components, samples)` that sum to them."""

    @abstractmethod
    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The axes that the components lie on."""

    def sounds(self, wave: Tensor) -> Tensor:
        """The sounds `(sounds, samples)` of a wave `(samples,)` that are divided."""
        return wave[None]

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)` for a model.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite, or the settings do
                not fit it.
        """
        require_wave(wave)
        sounds = self.sounds(wave)
        off = self._off(sounds)
        # Switching is linear: each component contributes its difference to the sound when off.
        mixture = Mixture(self.divide(sounds - off), off.sum(0))

        def render(masks: Tensor) -> Tensor:
            return model.frontend(mixture(masks))

        axes = self.axes(model.rate, len(wave))
        return Components(len(mixture.parts), axes, render, mixture=mixture)

    def _off(self, sounds: Tensor) -> Tensor:
        """The replacement of `sounds` `(sounds, samples)`, shaped like them."""
        if isinstance(self.fill, str) and self.fill == "minimum":
            raise InputError(
                "fill=minimum is for spectrograms; for waves choose zero, mean or noise"
            )
        return replacement(sounds, self.fill, self.seed)


@dataclass(frozen=True, eq=False)
class TimeSegments(WaveDivider):
    """`count` equally long segments of time."""

    count: int

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave during each segment, `(count, samples)`."""
        return split(sounds, sections(sounds.shape[1], self.count, "segments"), self.count)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The centre of each segment, in s."""
        return (time_axis(self.count, rate, samples),)


@dataclass(frozen=True, eq=False)
class SourcesXSegments(WaveDivider):
    """Each source during each of equally long segments (audioLIME, arXiv:2008.00582).

    With all components on, the input is the sum of the sources; the residual of a separation can
    be one more source. Noise is as loud as the source it replaces, and a `fill` tensor is shaped
    like `sources`.

    Attributes:
        sources: `(sources, samples)`, as long as the wave.
        names: of the sources.
        segments: number of segments of time.
    """

    sources: Tensor
    names: Sequence[str]
    segments: int

    def sounds(self, wave: Tensor) -> Tensor:
        """The sources, `(sources, samples)`.

        Raises:
            InputError: their shape is not number of names by samples of the wave.
        """
        expected = (len(self.names), len(wave))
        if tuple(self.sources.shape) != expected:
            raise InputError(
                f"sources are {tuple(self.sources.shape)}, expected {expected}: names by samples"
            )
        return self.sources.to(wave)

    def divide(self, sounds: Tensor) -> Tensor:
        """Each source during each segment, `(sources * segments, samples)`.

        All segments of the first source come first.
        """
        return split(sounds, sections(sounds.shape[1], self.segments, "segments"), self.segments)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """Source by time in s."""
        return Axis.of_names("source", self.names), time_axis(self.segments, rate, samples)


@dataclass(frozen=True, eq=False)
class Labelled(WaveDivider):
    """All segments of time with one label as a component, such as states of the heart cycle.

    Attributes:
        labels: `(samples,)`, integer, the index of each sample's label.
        names: of the labels.
        axis: name of the axis of labels.
    """

    labels: Tensor
    names: Sequence[str]
    axis: str = "state"

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave during all segments of each label, `(labels, samples)`.

        Raises:
            InputError: `labels` are not one integer per sample, or one of them has no name.
        """
        samples, count = sounds.shape[1], len(self.names)
        if tuple(self.labels.shape) != (samples,) or self.labels.is_floating_point():
            raise InputError(
                f"labels are {tuple(self.labels.shape)} of {self.labels.dtype}: "
                f"give one integer per sample, ({samples},)"
            )
        if not ((self.labels >= 0) & (self.labels < count)).all():
            raise InputError(f"labels must lie in 0..{count - 1}, one for each of the names")
        return split(sounds, self.labels, count)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The axis of labels."""
        return (Axis.of_names(self.axis, self.names),)


def split(sounds: Tensor, label: Tensor, count: int) -> Tensor:
    """Divide sounds `(sounds, samples)` by the label `(samples,)`, 0..count-1, of each sample.

    Returns `(sounds * count, samples)`, silent elsewhere; all of the first sound first.
    """
    here = label == torch.arange(count)[:, None]
    return (sounds[:, None] * here.to(sounds.device)).flatten(0, 1)


def time_axis(segments: int, rate: int, samples: int) -> Axis:
    """The centre of each of `segments` equally long segments, in s."""
    return Axis("time", "s", (torch.arange(segments) + 0.5) * (samples / segments / rate))
