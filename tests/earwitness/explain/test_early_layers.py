from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import BandsXSegments, Patches, SourcesXSegments, TimeSegments
from earwitness.explain.early_layers import EarlyLayerNetwork, with_cached_early_layers
from earwitness.explain.model import AudioModel
from earwitness.models.stages import Stage, through
from earwitness.models.taggers import CRNN, FCN, MusiCNN, SampleCNN
from earwitness.sound.frontends.tagging import MelDecibels

RATE = 16000


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tagger(kind: Callable[..., nn.Module], samples: int, **arguments: Any) -> AudioModel:
    """An untrained tagger that has normalised some noise, so that sounds get through it."""
    frontend = None if kind is SampleCNN else MelDecibels()
    noise = 0.1 * drawn(2, samples, seed=1)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        network = kind(classes=3, **arguments)
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.momentum = 1.0
        network(noise if frontend is None else frontend(noise))
    return AudioModel(network, ["a", "b", "c"], RATE, frontend, samples, "sigmoid").eval()


class Counted(nn.Module):
    """A network with early layers that counts the samples its first layer computes."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv1d(1, 2, 20, 10, bias=False)
        self.stages = [Stage(self.first, stride=10, reach=5)]
        self.samples_seen = 0

    def forward(self, waves: Tensor) -> Tensor:
        return self.rest(through(self.stages, waves))

    def first(self, waves: Tensor) -> Tensor:
        self.samples_seen += waves.numel()
        found: Tensor = self.layer(waves[:, None])
        return found

    def rest(self, features: Tensor) -> Tensor:
        return features.square().sum(2).log1p()


CASES = [
    pytest.param(MusiCNN, 48000, {"width": 0.05}, id="musicnn"),
    pytest.param(FCN, 464000, {}, id="fcn"),
    pytest.param(CRNN, 464000, {}, id="crnn"),
    pytest.param(SampleCNN, 59049, {"width": 0.05}, id="samplecnn"),
]


@pytest.mark.parametrize(("kind", "samples", "arguments"), CASES)
@pytest.mark.parametrize("by", ["sources", "bands"])
def test_answers_are_those_of_the_whole_network(
    kind: Any, samples: int, arguments: dict[str, Any], by: str
) -> None:
    """Of every tagger, whether components end sharply or overlap."""
    model, sources = tagger(kind, samples, **arguments), 0.1 * drawn(2, samples)
    dividers = {
        "sources": SourcesXSegments(sources, ["one", "two"], 4, fill="noise"),
        "bands": BandsXSegments(2, 4),
    }
    components = dividers[by](model, sources.sum(0))
    masks = drawn(4, components.count) > 0
    expected = CoalitionEvaluator(model.network, components, 2)(masks)
    network, short = with_cached_early_layers(model, components)
    found = CoalitionEvaluator(network, short, 3)(masks)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert expected.std(0).min() > 1e-3


@pytest.mark.parametrize("seed", range(2))
def test_first_layers_are_those_that_reach_so_far(seed: int) -> None:
    """A change of the input changes features within the declared reach, and nowhere else."""
    frames_of = {MusiCNN: 188, FCN: 1813, CRNN: 1813, SampleCNN: 59049}
    for kind, samples, arguments in (case.values for case in CASES):
        frames = frames_of[kind]
        network = tagger(kind, samples, **arguments).network
        assert isinstance(network, EarlyLayerNetwork)
        shape = (1, frames) if kind is SampleCNN else (1, 1, 96, frames)
        inputs, changed = drawn(*shape, seed=seed), drawn(*shape, seed=seed)
        place = int(torch.randint(frames, (), generator=torch.Generator().manual_seed(seed)))
        changed[..., place] += 10.0
        stride, reach = 1, 0
        for number, stage in enumerate(network.stages, 1):
            reach, stride = reach + stride * stage.reach, stride * stage.stride
            with torch.no_grad():
                first, second = (through(network.stages[:number], x) for x in (inputs, changed))
            steps = (first - second).abs().flatten(0, -2).sum(0).nonzero()[:, 0]
            assert len(steps)
            assert (place - reach) // stride <= int(steps.min())
            assert int(steps.max()) <= (place + reach) // stride


def test_what_few_components_decide_is_computed_once() -> None:
    """Asking about every coalition of many segments costs hardly more than the sound itself."""
    network = Counted()
    model = AudioModel(network, ["a", "b"], 100, samples=6400).eval()
    components = TimeSegments(count=8)(model, drawn(6400))
    masks = drawn(2000, 8) > 0
    with torch.no_grad():
        expected = CoalitionEvaluator(network, components, 50)(masks)
        plain, network.samples_seen = network.samples_seen, 0
        found = CoalitionEvaluator(*with_cached_early_layers(model, components), 50)(masks)
    torch.testing.assert_close(found, expected)
    assert network.samples_seen < plain / 30


def test_memory_does_not_grow_with_the_number_of_draws() -> None:
    """Tables of features are as large after a thousand coalitions as after one."""
    model = AudioModel(Counted(), ["a", "b"], 100, samples=640).eval()
    components = TimeSegments(count=8)(model, drawn(640))
    with torch.no_grad():
        _, short = with_cached_early_layers(model, components)
        sizes = []
        for count in (1, 1000):
            short.render(drawn(count, 8) > 0)
            blocks = short.render.level.blocks  # type: ignore[attr-defined]
            sizes.append(sum(block.table.numel() for block in blocks))
    assert sizes[0] == sizes[1] <= 2 * 64 * 4


def test_many_components_at_once_are_computed_anew() -> None:
    """Sources that all sound at all times decide every step together; answers are the same."""
    model, sources = AudioModel(Counted(), ["a", "b"], 100, samples=640).eval(), drawn(12, 640)
    divider = SourcesXSegments(sources, [str(n) for n in range(12)], 1)
    components = divider(model, sources.sum(0))
    masks = drawn(30, 12) > 0
    with torch.no_grad():
        expected = CoalitionEvaluator(model.network, components, 7)(masks)
        found = CoalitionEvaluator(*with_cached_early_layers(model, components), 7)(masks)
    torch.testing.assert_close(found, expected)


def test_other_models_and_components_are_left_as_they_are() -> None:
    """Networks that hear all at once, front ends of unknown reach, and parts of a spectrogram."""
    wave = drawn(640)
    plain = AudioModel(nn.Linear(640, 2), ["a", "b"], 100).eval()
    unknown = AudioModel(Counted(), ["a", "b"], 100, nn.ReLU()).eval()
    image = tagger(MusiCNN, 48000, width=0.05)
    cases = [
        (plain, TimeSegments(count=4)(plain, wave)),
        (unknown, TimeSegments(count=4)(unknown, wave)),
        (image, Patches(rows=2, columns=2)(image, drawn(48000))),
    ]
    for model, components in cases:
        assert with_cached_early_layers(model, components) == (model.network, components)
