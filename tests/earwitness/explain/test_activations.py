"""Activations are what the layer returned."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.activations import Activations

Unchanged = Callable[[nn.Module], AbstractContextManager[None]]


@pytest.mark.parametrize(("layer", "until"), [(None, 6), ("0", 1), ("3", 4)])
def test_equals_the_first_layers_alone(
    layer: str | None, until: int, wave_net: nn.Sequential, waves: Tensor, target: Tensor
) -> None:
    """The last activated convolution, one before an in-place ReLU, one before a norm."""
    found = Activations(layer)(wave_net, waves, target)
    expected = wave_net.eval()[:1](waves) if until == 1 else wave_net.eval()[:until](waves)
    assert found.values.equal(expected.detach())
    assert found.outputs.equal(wave_net(waves).detach())
    assert found.positions is not None
    assert tuple(map(len, found.positions)) == found.values.shape[2:]


def test_target_does_not_matter(image_net: nn.Module, images: Tensor, target: Tensor) -> None:
    """Feature maps are of the input, not of the class."""
    first, second = (
        Activations()(image_net, images, labels).values for labels in (target, target * 0)
    )
    assert first.equal(second)
    assert not first.is_inference()


def test_network_is_left_as_it_was(
    wave_net: nn.Module, waves: Tensor, target: Tensor, unchanged: Unchanged
) -> None:
    """After success, and after a dense layer, a misspelt one, a class that there is not."""
    wave_net.train()
    with unchanged(wave_net):
        Activations()(wave_net, waves, target)
    for layer, labels, message in (
        ("8", target, "layer 8 has no positions"),
        ("conv", target, "layer conv has no positions: choose .*: 0, 1, 2, 3"),
        (None, target + 1, "the network's classes"),
    ):
        with unchanged(wave_net), pytest.raises(InputError, match=message):
            Activations(layer)(wave_net, waves, labels)
