"""The forest finds a planted difference, and its features are finite whatever it is given."""

from pathlib import Path

import pytest
import torch

from experiments.heart.heart_forest import HeartForest, features
from reproduction.training.clips import Clips
from reproduction.training.networks import Task

CYCLE, SAMPLES = 800, 6000


def recording(seed: int, murmur: float) -> torch.Tensor:
    """Noise bursts in S1 and S2, and a murmur in systole."""
    random = torch.Generator().manual_seed(seed)
    track = torch.arange(SAMPLES) % CYCLE * 4 // CYCLE + 1
    loudness = torch.tensor([1.0, 0.05 + murmur, 0.7, 0.05])[track - 1]
    return torch.stack([torch.randn(SAMPLES, generator=random) * loudness, track.float()])


def clips(first: int, count: int) -> Clips:
    """Every third has a murmur."""
    labels = torch.tensor([int(index % 3 == 0) for index in range(count)])
    waves = [recording(first + i, 0.2 * float(label)) for i, label in enumerate(labels)]
    weights = torch.where(labels == 1, 2.0, 1.0)
    return Clips(waves, labels, 0, weights)


def test_a_murmur_is_found(tmp_path: Path) -> None:
    """In recordings that were not trained on; without it in the labels, not."""
    fitted = HeartForest(30, 2).fit(clips(0, 30), clips(0, 0), Task(2, 0, 0), tmp_path)
    test = clips(1000, 12)
    found = fitted.probabilities(torch.stack(test.waves)).argmax(1)
    assert found.equal(test.labels)
    turned = Clips(clips(0, 30).waves, torch.arange(30) % 2, 0)
    blind = HeartForest(30, 2).fit(turned, clips(0, 0), Task(2, 0, 0), tmp_path)
    assert not blind.probabilities(torch.stack(test.waves)).argmax(1).equal(test.labels)


@pytest.mark.parametrize("samples", [100, 500, 120_000])
def test_features_of_odd_recordings_are_finite(samples: int) -> None:
    """Short or long, flat, without states: as many features as any other."""
    expected = features(recording(0, 0.0)).shape
    for sound in (torch.zeros(samples), torch.sin(torch.arange(samples) / 3)):
        for track in (torch.zeros(samples), torch.full((samples,), 2.0)):
            found = features(torch.stack([sound, track]))
            assert found.shape == expected
            assert abs(found).max() < 1e9
