"""Grad-CAM against captum's, and evidence that it must find in the right place."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.grad_cam import GradCam

Unchanged = Callable[[nn.Module], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("net", "inputs", "layer", "asked"),
    [
        ("wave_net", "waves", "5", None),
        ("wave_net", "waves", "2", "2"),
        ("image_net", "images", "4", None),
        ("image_net", "images", "3", "3"),
    ],
)
def test_equals_captum(
    net: str,
    inputs: str,
    layer: str,
    asked: str | None,
    target: Tensor,
    request: pytest.FixtureRequest,
) -> None:
    """The layer that is asked for, or the last convolution with its activation."""
    network, batch = request.getfixturevalue(net).eval(), request.getfixturevalue(inputs)
    peer = LayerGradCam(network, network.get_submodule(layer))
    expected = peer.attribute(batch, target, relu_attributions=True).detach()
    found = GradCam(asked)(network, batch, target)
    torch.testing.assert_close(found.values, expected, rtol=1e-10, atol=1e-13)
    torch.testing.assert_close(found.outputs, network(batch).detach())
    assert found.positions is not None
    assert tuple(map(len, found.positions)) == found.values.shape[2:]
    assert found.gap is None


def test_points_at_what_was_planted() -> None:
    """A click at sample 150 of 400 is found there, through padding and pooling."""
    net = nn.Sequential(
        *(nn.Conv1d(1, 1, 7, stride=2, bias=False), nn.ReLU(), nn.MaxPool1d(3, 2)),
        *(
            nn.Conv1d(1, 1, 5, padding=2, bias=False),
            nn.ReLU(),
            nn.AdaptiveMaxPool1d(1),
            nn.Flatten(),
        ),
    )
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    inputs = torch.zeros(1, 1, 400)
    inputs[0, 0, 150] = 1
    found = GradCam()(net, inputs, torch.tensor([0]))
    assert found.positions is not None
    strength = found.values[0, 0].double()
    centre = (strength * found.positions[0]).sum() / strength.sum()
    assert abs(centre - 150) < 4


def test_items_do_not_influence_each_other(
    image_net: nn.Module, images: Tensor, target: Tensor
) -> None:
    """An item has the same values alone as in a batch."""
    together = GradCam()(image_net, images, target).values
    alone = GradCam()(image_net, images[1:2], target[1:2]).values
    torch.testing.assert_close(alone, together[1:2], rtol=1e-10, atol=1e-13)
    assert (together >= 0).all()
    assert together.any()


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_network_is_left_as_it_was(
    mode: Callable[[], AbstractContextManager[None]],
    wave_net: nn.Module,
    waves: Tensor,
    target: Tensor,
    unchanged: Unchanged,
) -> None:
    """After success and failure, in every mode of the caller."""
    wave_net.train()
    expected = GradCam()(wave_net, waves, target).values
    with mode(), unchanged(wave_net):
        assert GradCam()(wave_net, waves * 1, target).values.equal(expected)
    for error, layer, inputs in (
        (RuntimeError, None, waves[:, :, :5]),
        (InputError, "8", waves),
        (InputError, "conv3", waves),
    ):
        with unchanged(wave_net), pytest.raises(error):
            GradCam(layer)(wave_net, inputs, target)
    with unchanged(wave_net), pytest.raises(InputError, match="the network's classes"):
        GradCam()(wave_net, waves, target + 1)
