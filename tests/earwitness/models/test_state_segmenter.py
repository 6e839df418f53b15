"""The U-Net of the segmenter: shapes, padding, and what colouring may touch."""

import pytest
import torch

from earwitness.models.state_segmenter import Colouring, StateSegmenter


def network() -> StateSegmenter:
    torch.manual_seed(0)
    return StateSegmenter(4, bands=8, widths=(6, 8, 10, 12)).eval()


@pytest.mark.parametrize("frames", [1, 7, 8, 9, 61])
def test_every_frame_gets_logits(frames: int) -> None:
    """Recordings of any length, the coarsest level's multiples or not."""
    assert network()(torch.randn(2, 8, frames)).shape == (2, 4, frames)


def test_clips_do_not_influence_each_other() -> None:
    """A clip's logits are the same alone and in a batch."""
    levels = torch.randn(3, 8, 40)
    with torch.inference_mode():
        together = network()(levels)
        alone = torch.cat([network()(clip[None]) for clip in levels])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


def test_a_shift_by_the_coarsest_frame_shifts_the_logits() -> None:
    """Away from the ends, the network does not know where in the recording it is."""
    levels = torch.randn(1, 8, 240)
    with torch.inference_mode():
        here, later = network()(levels), network()(levels.roll(8, dims=2))
    torch.testing.assert_close(later[..., 88:168], here[..., 80:160], atol=1e-5, rtol=1e-4)


def test_every_weight_learns() -> None:
    """No part of the network is left out of its output."""
    model = network().train()
    model(torch.randn(4, 8, 64)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_colouring_adds_one_level_a_band_and_only_in_training() -> None:
    """What is added does not change over time, differs between bands, and is seeded."""
    layer, levels = Colouring(0.5), torch.randn(2, 400, 5)
    assert torch.equal(layer.eval()(levels), levels)
    torch.manual_seed(1)
    added = layer.train()(levels) - levels
    torch.testing.assert_close(added, added[..., :1].expand_as(added), atol=1e-6, rtol=0)
    assert added.std().item() == pytest.approx(0.5, rel=0.1)
    torch.manual_seed(1)
    assert torch.equal(layer(levels) - levels, added)
