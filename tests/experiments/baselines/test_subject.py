import pandas as pd
import pytest
import torch
from torch import nn

from earwitness.explain.components.waves import time_axis
from earwitness.explain.model import AudioModel
from experiments.baselines.subject import Subject, chosen


@pytest.fixture
def subject() -> Subject:
    """Ten seconds of a tone; evidence from 2 s to 4 s."""
    wave = torch.sin(torch.arange(1000) / 3)
    model = AudioModel(nn.Linear(1000, 2), ["a", "b"], 100, activation="sigmoid")
    regions = pd.DataFrame({"onset_s": [2.0], "offset_s": [4.0], "low_hz": [0], "high_hz": [50]})
    return Subject("clip", "somebody", model, wave, 1, regions)


@pytest.mark.parametrize("level_db", [-40.0, -20.0])
def test_noise_is_as_loud_as_it_says(subject: Subject, level_db: float) -> None:
    """Against the sound; the same seed, the same noise."""
    noise = subject.with_noise(level_db, 0).wave - subject.wave
    ratio = noise.square().mean() / subject.wave.square().mean()
    assert 10 * ratio.log10() == pytest.approx(level_db, abs=0.5)
    assert torch.equal(subject.with_noise(level_db, 0).wave, subject.with_noise(level_db, 0).wave)
    assert not torch.equal(subject.with_noise(level_db, 0).wave, subject.with_noise(0.0, 1).wave)


def test_another_network_hears_the_same(subject: Subject) -> None:
    """Behind the same front end, with the same classes; the first is left alone."""
    other = nn.Linear(1000, 2)
    heard = subject.heard_by(other)
    expected = other(subject.wave)[1].sigmoid().item()
    assert heard.model.probability(heard.wave, "b") == pytest.approx(expected, abs=1e-6)
    assert subject.model.network is not other


def test_evidence_is_told_of_segments(subject: Subject) -> None:
    """Those whose middle lies inside; none where none was planted."""
    axis = time_axis(10, 100, 1000)
    assert subject.seconds == 10
    assert subject.evidence(axis).nonzero()[:, 0].tolist() == [2, 3]
    bare = Subject("clip", "somebody", subject.model, subject.wave, 1, pd.DataFrame())
    assert not bare.evidence(axis).any()


def rows(speakers: str) -> pd.DataFrame:
    return pd.DataFrame({"speaker": list(speakers), "clip": range(len(speakers))})


def test_clips_are_spread_over_speakers() -> None:
    """One of each before a second of any, in the order of the table."""
    table = rows("aaaaabbbcc")
    everything = pd.Series(True, index=table.index)
    for seed in range(5):
        three = chosen(table, everything, 3, seed)
        assert sorted(three.speaker) == ["a", "b", "c"]
        assert three.index.is_monotonic_increasing
        assert sorted(chosen(table, everything, 5, seed).speaker) != ["a", "a", "a", "b", "c"]
    assert len(chosen(table, everything, 50, 0)) == 10
    assert chosen(table, everything, 3, 0).equals(chosen(table, everything, 3, 0))


def test_wanted_clips_come_first() -> None:
    """All of them, even of one speaker, and then others."""
    table = rows("aabbcc")
    wanted = table.speaker == "b"
    assert sorted(chosen(table, wanted, 2, 0).speaker) == ["b", "b"]
    assert sorted(chosen(table, wanted, 4, 0).speaker) == ["a", "b", "b", "c"]
