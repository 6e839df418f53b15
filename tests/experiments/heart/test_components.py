"""The players of a heart network's input: which cells they are."""

import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.heart import SegmentedCepstra
from earwitness.sound.heart_cycle import STATES
from experiments.heart import components
from experiments.heart.segmented_frontend import Segmented

TRACK = torch.tensor([1, 2, 3, 4, 0]).repeat_interleave(200)
WAVE = torch.randn(1000, generator=torch.Generator().manual_seed(1))


def model(frontend: nn.Module) -> AudioModel:
    """Any network behind a front end that is told the states."""
    heard = Segmented(frontend, lambda _: TRACK)
    return AudioModel(nn.Flatten(), ["normal", "abnormal"], 1000, heard)


def counted(groups: dict[str, Tensor], shape: tuple[int, int]) -> Tensor:
    """In how many groups each cell is."""
    return sum(groups.values(), start=torch.zeros(shape, dtype=torch.int64))


def test_states_and_channels_divide_the_input() -> None:
    """Every cell is in one of the eight, but for the MFCCs of an unknown state."""
    heart = model(SegmentedCepstra(coefficients=6))
    groups = components.states_and_channels(heart, WAVE, torch.Size((10, 50)))
    assert tuple(groups) == (*STATES, *components.CHANNELS)
    expected = torch.ones(10, 50, dtype=torch.int64)
    expected[:6, 40:] = 0
    assert counted(groups, (10, 50)).equal(expected)
    assert groups["systole"].nonzero()[:, 1].unique().tolist() == list(range(10, 20))
    heard = heart.frontend(WAVE[None])[0]
    for state, row in zip(STATES, components.CHANNELS, strict=True):
        assert heard[groups[row]].bool().equal(groups[state][0])


def test_rows_and_segmentation_divide_the_input() -> None:
    """Each MFCC, and the four rows of the segmentation together."""
    heart = model(SegmentedCepstra(coefficients=6))
    groups = components.rows_and_segmentation(heart, WAVE, torch.Size((10, 50)))
    assert len(groups) == 7
    assert counted(groups, (10, 50)).equal(torch.ones(10, 50, dtype=torch.int64))
    assert groups["MFCC 2"].nonzero()[:, 0].unique().tolist() == [2]
    assert groups[components.SEGMENTATION].nonzero()[:, 0].unique().tolist() == [6, 7, 8, 9]


def test_a_network_without_segmentation_has_fewer_players() -> None:
    """It can still be asked about the states of the sound."""
    heart = model(SegmentedCepstra(coefficients=6, states=False))
    shape = torch.Size((6, 50))
    assert tuple(components.states_and_channels(heart, WAVE, shape)) == STATES
    assert components.SEGMENTATION not in components.rows_and_segmentation(heart, WAVE, shape)


def test_a_network_that_hears_no_states_is_refused() -> None:
    """One line says what is missing."""
    plain = AudioModel(nn.Flatten(), ["normal", "abnormal"], 1000)
    with pytest.raises(InputError, match="knows no states"):
        components.coefficients(plain)
    with pytest.raises(InputError, match="has no MFCCs as inputs"):
        components.coefficients(model(nn.Identity()))
