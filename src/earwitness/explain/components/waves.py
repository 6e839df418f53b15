"""Components of waves: sounds add up, so what the front end hears is the sum of those that are on.

What is off is replaced before the front end. With "zero" it is silent.
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
    """Divides sounds into components that add up to them again.

    Attributes:
        fill: what replaces a component, as a wave: `zero`, `mean`, `noise` (white, as loud as the
            whole), or the same part of another wave `(samples,)`.
        seed: of the noise.
    """

    fill: Fill = "zero"
    seed: int = 0

    @abstractmethod
    def divide(self, sounds: Tensor) -> Tensor:
        """Sounds `(sounds, samples)` -> components `(components, samples)` that add up to them."""

    @abstractmethod
    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The axes that the components lie on."""

    def sounds(self, wave: Tensor) -> Tensor:
        """What of `(samples,)` is divided, `(sounds, samples)`."""
        return wave[None]

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of `(samples,)` for a model.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite, or the settings do
                not fit it.
        """
        require_wave(wave)
        sounds = self.sounds(wave)
        off = self._off(sounds)
        # Switching is linear: each component brings what it has beyond the off sound.
        mixture = Mixture(self.divide(sounds - off), off.sum(0))

        def render(masks: Tensor) -> Tensor:
            return model.frontend(mixture(masks))

        axes = self.axes(model.rate, len(wave))
        return Components(len(mixture.parts), axes, render, mixture=mixture)

    def _off(self, sounds: Tensor) -> Tensor:
        """What replaces `sounds`, shaped like them."""
        if isinstance(self.fill, str) and self.fill == "minimum":
            raise InputError(
                "fill=minimum is for spectrograms; for waves choose zero, mean or noise"
            )
        return replacement(sounds, self.fill, self.seed)


@dataclass(frozen=True, eq=False)
class TimeSegments(WaveDivider):
    """`count` equally long stretches of time."""

    count: int

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave during each segment, `(count, samples)`."""
        return split(sounds, sections(sounds.shape[1], self.count, "segments"), self.count)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The middle of each segment."""
        return (time_axis(self.count, rate, samples),)


@dataclass(frozen=True, eq=False)
class SourcesXSegments(WaveDivider):
    """Each source during each of equally long segments (audioLIME, arXiv:2008.00582).

    With everything on, the network hears the sum of the sources; a separation that leaves
    something over can give that as one more source. Noise is as loud as the source it replaces,
    and a `fill` tensor is shaped like `sources`.

    Attributes:
        sources: `(sources, samples)`, as long as the wave.
        names: of the sources.
        segments: how many.
    """

    sources: Tensor
    names: Sequence[str]
    segments: int

    def sounds(self, wave: Tensor) -> Tensor:
        """The sources, `(sources, samples)`.

        Raises:
            InputError: they are not as many as the names or not as long as the wave.
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
        """Source by time."""
        return Axis.of_names("source", self.names), time_axis(self.segments, rate, samples)


@dataclass(frozen=True, eq=False)
class Labelled(WaveDivider):
    """All stretches of time of one label together, such as the states of a heart's cycle.

    Attributes:
        labels: `(samples,)`, integer, the number of each sample's label.
        names: of the labels.
        axis: what the labels are.
    """

    labels: Tensor
    names: Sequence[str]
    axis: str = "state"

    def divide(self, sounds: Tensor) -> Tensor:
        """The wave during all stretches of each label, `(labels, samples)`.

        Raises:
            InputError: `labels` are not one integer a sample, or one of them has no name.
        """
        samples, count = sounds.shape[1], len(self.names)
        if tuple(self.labels.shape) != (samples,) or self.labels.is_floating_point():
            raise InputError(
                f"labels are {tuple(self.labels.shape)} of {self.labels.dtype}: "
                f"give one integer a sample, ({samples},)"
            )
        if not ((self.labels >= 0) & (self.labels < count)).all():
            raise InputError(f"labels must lie in 0..{count - 1}, one for each of the names")
        return split(sounds, self.labels, count)

    def axes(self, rate: int, samples: int) -> tuple[Axis, ...]:
        """The names."""
        return (Axis.of_names(self.axis, self.names),)


def split(sounds: Tensor, label: Tensor, count: int) -> Tensor:
    """Divide sounds `(sounds, samples)` by the label `(samples,)`, 0..count-1, of each sample.

    Returns `(sounds * count, samples)`, silent elsewhere; all of the first sound first.
    """
    here = label == torch.arange(count)[:, None]
    return (sounds[:, None] * here.to(sounds.device)).flatten(0, 1)


def time_axis(segments: int, rate: int, samples: int) -> Axis:
    """The middle of each of equally long segments, in s."""
    return Axis("time", "s", (torch.arange(segments) + 0.5) * (samples / segments / rate))
