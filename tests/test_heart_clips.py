"""How recordings are cut."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from earwitness.heart_clips import Cutter, Cycles, FromS1, Whole, Windows, onsets


def recording(samples: int, cycle: int = 800) -> Tensor:
    """A counting sound; S1, systole, S2 and diastole take a quarter of each cycle."""
    time = torch.arange(samples)
    return torch.stack([time + 1.0, (time % cycle) * 4 // cycle + 1.0])


@given(samples=st.integers(1, 4000), length=st.integers(1, 1000))
def test_windows_cover_the_recording(samples: int, length: int) -> None:
    """Every sample is in one, at the place that `starts` says; only a short one gets zeros."""
    sound = recording(samples)
    clips, starts = Windows(length)(sound)
    assert clips.shape == (len(starts), 2, length)
    seen = clips[:, 0].flatten()
    assert set(seen[seen > 0].tolist()) == set(sound[0].tolist())
    assert clips[:, 0, 0].tolist() == [start + 1 for start in starts]
    assert (seen == 0).sum() == max(0, length - samples)


def test_segments_begin_with_s1() -> None:
    """Each S1 that has enough sound after it."""
    clips, starts = FromS1(2000)(recording(5000))
    assert starts == [800, 1600, 2400]
    assert (clips[:, 1, 0] == 1).all()


def test_cycles_end_with_diastole() -> None:
    """From S1 to the next, zeros after it; a long one is cut."""
    clips, starts = Cycles(1000)(recording(4100))
    assert starts == [800, 1600, 2400, 3200]
    assert (clips[:, 1, 799] == 4).all()
    assert not clips[:, :, 800:].any()
    assert Cycles(300)(recording(4100)).clips.shape == (4, 2, 300)


@pytest.mark.parametrize("cut", [FromS1(500), Cycles(500), Windows(500)])
@pytest.mark.parametrize("samples", [20, 500, 1300])
def test_without_states_there_are_windows(cut: Cutter, samples: int) -> None:
    """Half a second, or a flat line that nobody could segment."""
    sound = recording(samples)
    sound[1] = 0
    assert cut(sound).clips.equal(Windows(500)(sound).clips)


def test_a_whole_recording_is_one_clip() -> None:
    """As long as it is."""
    sound = recording(777)
    assert Whole()(sound).clips.equal(sound[None])


def test_an_onset_needs_something_before_it() -> None:
    """What the recording begins with began before."""
    assert onsets(torch.tensor([1, 1, 2, 1, 0, 1]), 1) == [3, 5]
