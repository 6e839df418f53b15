"""A front end that is given the states, and one that finds them."""

import torch
from torch import Tensor

from earwitness.sound.frontends.heart import SegmentedCepstra
from experiments.heart.segmented_frontend import Segmented


def halves(wave: Tensor) -> Tensor:
    """State 2 where a wave is above zero, else 4."""
    return torch.where(wave > 0, 2, 4)


def test_it_hears_what_the_front_end_hears_of_a_segmented_sound() -> None:
    """Each wave with its own track; times and states are those of its frames."""
    frontend = SegmentedCepstra()
    waves = torch.randn(2, 1000, generator=torch.Generator().manual_seed(1))
    tracks = torch.stack([halves(wave) for wave in waves])
    segmented = Segmented(frontend, halves)
    expected = frontend(torch.stack([waves, tracks.float()], dim=1))
    assert segmented(waves).equal(expected)
    assert segmented.times(50, 1000).equal(frontend.times(50, 1000))
    states = segmented.states(waves[0], 50, 1000)
    assert states.equal(tracks[0, ::20])
    assert expected[0, -4:].argmax(0).equal(states - 1)
