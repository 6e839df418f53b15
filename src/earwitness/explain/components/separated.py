"""Sources estimated from a recording by a separator (audioLIME, arXiv:2008.00582)."""

from dataclasses import dataclass

from torch import Tensor

from earwitness.explain.baselines import Fill
from earwitness.explain.components.base import Components
from earwitness.explain.components.waves import SourcesXSegments
from earwitness.explain.model import AudioModel
from earwitness.models.separation.protocol import Separator


@dataclass(frozen=True, eq=False)
class SeparatedXSegments:
    """Each estimated source during each of equally long segments.

    Attributes:
        separator: estimates the sources of a wave.
        segments: number of segments of time.
        fill: what replaces a component that is off, as in `SourcesXSegments`.
        seed: of the noise.
    """

    separator: Separator
    segments: int
    fill: Fill = "zero"
    seed: int = 0

    def sources(self, wave: Tensor, rate: int) -> Tensor:
        """Sources `(sources, samples)` of a wave `(samples,)` at `rate` Hz, which sum to it."""
        return self.separator(wave, rate)

    def __call__(self, model: AudioModel, wave: Tensor) -> Components:
        """The components of a wave `(samples,)` for a model.

        Raises:
            InputError: the wave is not one-dimensional, empty or not finite, or the settings do
                not fit it.
        """
        sources = self.sources(wave, model.rate)
        names, segments = self.separator.names, self.segments
        return SourcesXSegments(sources, names, segments, fill=self.fill, seed=self.seed)(
            model, wave
        )
