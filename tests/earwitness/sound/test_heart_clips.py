"""How recordings are cut."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from earwitness.sound.heart_clips import (
    Cutter,
    Cycles,
    FromS1,
    Whole,
    Windows,
    cut_recordings,
    onset_samples,
)


def recording(samples: int, cycle: int = 800) -> Tensor:
    """A counting sound; S1, systole, S2 and diastole take a quarter of each cycle."""
    time = torch.arange(samples)
    return torch.stack([time + 1.0, (time % cycle) * 4 // cycle + 1.0])


@given(samples=st.integers(1, 4000), length=st.integers(1, 1000))
def test_windows_cover_the_recording(samples: int, length: int) -> None:
    """Every sample is in one, at the place that it says; only a short one gets zeros."""
    sound = recording(samples)
    clips = cut_recordings([sound], Windows(length))
    seen = torch.cat([clip[0] for clip in clips])
    assert len(seen) == len(clips) * length
    assert set(seen[seen > 0].tolist()) == set(sound[0].tolist())
    for clip, (_, (start, _)) in zip(clips, clips.spans, strict=True):
        assert clip[0, 0] == start + 1
    assert (seen == 0).sum() == max(0, length - samples)


def test_segments_begin_with_s1() -> None:
    """Each S1 that has enough sound after it."""
    sound = recording(5000)
    spans = FromS1(2000)(sound)
    assert spans == [(800, 2800), (1600, 3600), (2400, 4400)]
    assert all(sound[1, start] == 1 for start, _ in spans)


def test_cycles_end_with_diastole() -> None:
    """From S1 to the next, zeros after it; a long one is cut."""
    sound = recording(4100)
    assert Cycles(1000)(sound) == [(800, 1600), (1600, 2400), (2400, 3200), (3200, 4000)]
    for clip in cut_recordings([sound], Cycles(1000)):
        assert clip[1, 799] == 4
        assert not clip[:, 800:].any()
    assert [clip.shape for clip in cut_recordings([sound], Cycles(300))] == [(2, 300)] * 4


@pytest.mark.parametrize("cut", [FromS1(500), Cycles(500), Windows(500)])
@pytest.mark.parametrize("samples", [20, 500, 1300])
def test_without_states_there_are_windows(cut: Cutter, samples: int) -> None:
    """Half a second, or a flat line that nobody could segment."""
    sound = recording(samples)
    sound[1] = 0
    assert cut(sound) == Windows(500)(sound)


def test_a_whole_recording_is_one_clip() -> None:
    """As long as it is."""
    sounds = [recording(777), recording(20)]
    assert all(a.equal(b) for a, b in zip(cut_recordings(sounds, Whole()), sounds, strict=True))


def test_pieces_share_the_memory_of_their_recordings() -> None:
    """Overlapping clips are no copies; some of them are chosen by number or by slice."""
    sound = recording(5000)
    clips = cut_recordings([sound, sound], FromS1(2000))
    assert len(clips) == 6
    assert all(clip.untyped_storage().data_ptr() == sound.data_ptr() for clip in clips)
    assert clips.subset([1, 4]).spans == clips[1::3].spans == [clips.spans[1], clips.spans[4]]


def test_an_onset_needs_something_before_it() -> None:
    """What the recording begins with began before."""
    assert onset_samples(torch.tensor([1, 1, 2, 1, 0, 1]), 1) == [3, 5]
