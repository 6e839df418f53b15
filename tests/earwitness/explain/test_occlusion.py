"""Occlusion: equal to captum's sliding window, exact for additive games, small in memory."""

from math import prod

import captum.attr
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from earwitness.explain import occlusion
from earwitness.explain.coalitions import CoalitionEvaluator
from earwitness.explain.components import Windows
from earwitness.explain.explainers import ComponentExplainer
from earwitness.explain.model import AudioModel
from earwitness.explain.occlusion import Occlusion

TARGET = 1

# Input (channels, ...), size and stride of the windows: apart, overlapping, cut at the end, whole.
SLIDING = [
    ((1, 40), (5,), (5,)),
    ((1, 40), (9,), (4,)),
    ((2, 23), (7,), (1,)),
    ((1, 23), (23,), (1,)),
    ((1, 9, 12), (3, 4), (3, 4)),
    ((1, 10, 11), (4, 5), (2, 3)),
    ((3, 7, 8), (7, 3), (1, 2)),
]


def listener(shape: tuple[int, ...]) -> tuple[AudioModel, Tensor]:
    """A small network of inputs `shape`, and a wave."""
    torch.manual_seed(11)
    network = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), 6), nn.Tanh(), nn.Linear(6, 3))
    model = AudioModel(network.double(), "abc", rate=100, frontend=nn.Unflatten(1, shape))
    return model, torch.randn(prod(shape), dtype=torch.float64)


def by_captum(
    model: AudioModel,
    wave: Tensor,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    baseline: Tensor | int = 0,
) -> Tensor:
    """Captum's values, without channels, which are all switched together."""
    inputs = model.frontend(wave[None])
    channels = inputs.shape[1]
    values = captum.attr.Occlusion(model.network).attribute(
        inputs,
        sliding_window_shapes=(channels, *size),
        strides=(channels, *stride),
        baselines=baseline,
        target=TARGET,
        perturbations_per_eval=4,
    )
    return values[0, 0]


@pytest.mark.parametrize(("shape", "size", "stride"), SLIDING)
def test_equals_captum(
    shape: tuple[int, ...], size: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    """Means over overlapping windows too, and the last window where it is cut."""
    model, wave = listener(shape)
    explain = ComponentExplainer(Windows([size], [stride]), Occlusion(), 4, of="output")
    found = explain(model, wave, TARGET)
    expected = by_captum(model, wave, size, stride)
    # Captum answers in float32.
    torch.testing.assert_close(found.values.float(), expected.float(), rtol=1e-6, atol=1e-6)
    assert found.gap is None
    assert found.method == "occlusion"


def test_equals_captum_with_a_baseline() -> None:
    """What stands in for a window may be anything shaped like the input."""
    model, wave = listener((2, 6, 7))
    baseline = torch.randn(2, 6, 7, dtype=torch.float64)
    explain = ComponentExplainer(
        Windows([(3, 3)], [(2, 2)], fill=baseline), Occlusion(), 4, of="output"
    )
    expected = by_captum(model, wave, (3, 3), (2, 2), baseline[None])
    found = explain(model, wave, TARGET).values
    torch.testing.assert_close(found.float(), expected.float(), rtol=1e-6, atol=1e-6)


def test_several_sizes_are_several_occlusions() -> None:
    """Each size has the values that it has alone."""
    model, wave = listener((1, 30))
    explain = ComponentExplainer(Windows([4, 12], [2, 6]), Occlusion(), 8, of="output")
    found = explain(model, wave, TARGET)
    for values, size, stride in zip(found.values, (4, 12), (2, 6), strict=True):
        expected = by_captum(model, wave, (size,), (stride,))
        torch.testing.assert_close(values.float(), expected.float(), rtol=1e-6, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(weights=st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_additive_games_give_their_weights(weights: list[float]) -> None:
    """Where components do not interact, each is worth what it adds."""
    worth = torch.tensor(weights, dtype=torch.float64)
    found = Occlusion()(lambda masks: 3 + masks.double() @ worth, len(weights))
    torch.testing.assert_close(found.values, worth, rtol=0, atol=1e-12)


def test_the_silenced_window_is_found() -> None:
    """A network that hears one sample: only windows over it count, as much as it says."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(20, 2, bias=False))
    nn.init.zeros_(network[1].weight)
    network[1].weight.data[TARGET, 13] = 2
    model = AudioModel(network, ["no", "yes"], rate=10, frontend=nn.Unflatten(1, (1, 20)))
    explain = ComponentExplainer(Windows([4], [4]), Occlusion(), 4, of="output")
    found = explain(model, torch.ones(20), TARGET)
    assert found.values.tolist() == [0] * 12 + [2] * 4 + [0] * 4
    assert found.axis("time").values[13] == pytest.approx(1.3)


def test_asks_once_for_each_component_and_once_for_all() -> None:
    """No more than the definition needs."""
    model, wave = listener((1, 40))
    components = Windows([5], [5])(model, wave)
    evaluator = CoalitionEvaluator(model.network, components, 4)
    Occlusion()(lambda masks: evaluator(masks)[:, 0], components.count)
    assert evaluator.evaluated == components.count + 1 == 9


def test_masks_are_made_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never all of them at once, and the values are the same."""
    asked: list[int] = []
    worth = torch.randn(50, dtype=torch.float64)

    def game(masks: Tensor) -> Tensor:
        asked.append(len(masks))
        return (masks.double() @ worth).sin()

    expected = Occlusion()(game, 50)
    assert asked == [51]
    monkeypatch.setattr(occlusion, "BLOCK_ENTRIES", 700)
    torch.testing.assert_close(Occlusion()(game, 50).values, expected.values)
    assert asked[1:] == [14, 14, 14, 9]
