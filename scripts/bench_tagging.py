"""What one explanation of a tagger costs at the paper's settings, beside asking it all it is asked.

`make bench` explains noise by audioLIME as published (five sources by ten segments, nine for
SampleCNN, 2^14 draws) with each tagger, whose weights are random, and writes
`results/benchmarks/tagging.csv`. The peer is the tagger itself: as many forward passes of ready
waves as coalitions are distinct, in its fastest batches, of which a sample is timed. Both answer
the same first.
"""

from dataclasses import dataclass
from importlib.metadata import version

import ratio
import torch
from torch import Tensor

from earwitness.explain.batch_size import fastest_batch_size
from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import Components, SourcesXSegments
from earwitness.explain.early_layers import with_cached_early_layers
from earwitness.explain.explainers import ComponentExplainer
from earwitness.explain.lime import Lime
from earwitness.explain.model import AudioModel
from earwitness.models.taggers.published import ARCHITECTURES, RATE
from earwitness.sound.frontends.tagging import MelDecibels
from reproduction.config import guarded

TORCH = f"torch {version('torch')}"
SOURCES = ("vocals", "piano", "drums", "bass", "other")
SEGMENTS = {"fcn": 10, "samplecnn": 9, "musicnn": 10, "crnn": 10}
DRAWS = 2**14
SAMPLE = 256
"""Forward passes that are timed."""
TOLERANCE = 1e-4
"""How far answers may lie apart, relative to the largest."""


@dataclass(frozen=True)
class Case:
    """A tagger, noise, and how it is explained."""

    name: str
    model: AudioModel
    wave: Tensor
    divider: SourcesXSegments

    @classmethod
    def of(cls, name: str) -> "Case":
        """A tagger with random weights that has normalised the noise."""
        kind = ARCHITECTURES[name]
        torch.manual_seed(0)
        sources = 0.1 * torch.randn(len(SOURCES), kind.samples)
        network = kind.network(50).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        frontend = None if name == "samplecnn" else MelDecibels()
        tags = [str(number) for number in range(50)]
        model = AudioModel(network, tags, RATE, frontend, kind.samples, "sigmoid")
        with torch.no_grad():
            model.train()(sources)
        divider = SourcesXSegments(sources, SOURCES, SEGMENTS[name])
        return cls(name, model.eval(), sources.sum(0), divider)

    def explain(self) -> None:
        """One explanation at the paper's settings."""
        ComponentExplainer(self.divider, Lime(draws=DRAWS), 64)(self.model, self.wave, 0)

    def distinct(self) -> Tensor:
        """The coalitions that it asks about, `(coalitions, components)`, bool."""
        return Lime(draws=DRAWS).drawn(self.divider(self.model, self.wave).count).unique(dim=0)


def difference(model: AudioModel, components: Components, masks: Tensor) -> float:
    """Return the largest error of the shortened network's logits, relative to the largest logit.

    `masks` are `(coalitions, components)`, bool.
    """
    with torch.inference_mode():
        whole = CoalitionEvaluator(model.network, components, 32)(masks)
        short = CoalitionEvaluator(*with_cached_early_layers(model, components), 32)(masks)
    return float((whole - short).abs().max() / whole.abs().max())


def measured(case: Case) -> ratio.Ratio:
    """The peer's time, from a sample of its passes, over ours."""
    masks = case.distinct()
    components = case.divider(case.model, case.wave)
    measure = f"audioLIME of {case.name}, {DRAWS} draws, beside its forward passes"
    apart = difference(case.model, components, masks[:32])
    ratio.require_equal(measure, apart, TOLERANCE)
    waves = case.wave.expand(SAMPLE, -1)
    with torch.inference_mode():
        size = fastest_batch_size(case.model, waves[:1])

    def floor() -> None:
        with torch.inference_mode():
            for part in waves.split(size):
                case.model(part)

    floor()
    sample = min(ratio.seconds(floor) for _ in range(3))
    whole = sample * len(masks) / SAMPLE / ratio.seconds(case.explain)
    return ratio.of_values(measure, TORCH, [whole], apart)


def main() -> None:
    """Measure every tagger and write the table."""
    torch.set_num_threads(2)
    ratio.write((measured(Case.of(name)) for name in SEGMENTS), "tagging")


if __name__ == "__main__":
    guarded(main)
