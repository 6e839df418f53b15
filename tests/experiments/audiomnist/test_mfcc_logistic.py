from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor

from experiments.audiomnist.mfcc_logistic import MfccLogistic
from reproduction.training.clips import Clips
from reproduction.training.networks import Task

RATE = 8000
TASK = Task(classes=2, steps=0, seed=0)
NONE = Clips([], torch.tensor([]), RATE)


def librosa_features(wave: np.ndarray, coefficients: int) -> np.ndarray:
    """Mean and standard deviation over time of librosa's MFCCs and their deltas."""
    mel = librosa.feature.melspectrogram(
        y=wave,
        sr=RATE,
        n_fft=256,
        hop_length=80,
        n_mels=40,
        htk=True,
        norm=None,
        pad_mode="reflect",
    )
    decibels = librosa.power_to_db(mel, amin=1e-10, top_db=80.0)
    mfcc = librosa.feature.mfcc(S=decibels, n_mfcc=coefficients, norm="ortho")
    tracks = np.concatenate([mfcc, librosa.feature.delta(mfcc, width=5, mode="nearest")])
    return np.concatenate([tracks.mean(axis=1), tracks.std(axis=1, ddof=1)])


def tones(count: int, seed: int) -> Clips:
    """Tones in noise, low ones of class 0 and high ones of class 1."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    waves = []
    for label in labels:
        frames = int(random.integers(2000, 6000))
        hertz = (random.uniform(200, 600), random.uniform(900, 1800))[label]
        tone = np.sin(2 * np.pi * hertz * np.arange(frames) / RATE)
        waves.append(torch.tensor(tone + 0.1 * random.standard_normal(frames)).float())
    return Clips(waves, torch.from_numpy(labels), RATE)


def accuracy(train: Clips, test: Clips, folder: Path) -> float:
    fitted = MfccLogistic().fit(train, NONE, TASK, folder)
    waves = torch.stack(test.placed(torch.Generator().manual_seed(0)).waves)
    probabilities = fitted.probabilities(waves)
    assert probabilities.shape == (len(test), 2)
    assert (probabilities.sum(dim=1) - 1).abs().max() < 1e-5
    return (probabilities.argmax(dim=1) == test.labels).double().mean().item()


def noise(seed: int, level: float = 0.1) -> Tensor:
    return level * torch.randn(RATE, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("coefficients", [20, 13])
@pytest.mark.parametrize("seed", range(3))
def test_features_are_those_of_librosa(seed: int, coefficients: int) -> None:
    wave = noise(seed) * torch.linspace(0, 1, RATE)
    ours = MfccLogistic(coefficients).features(wave[None])
    assert ours.shape == (1, 4 * coefficients)
    # In dB; torchaudio and librosa differ in the rounding of their mel filters.
    theirs = librosa_features(wave.numpy(), coefficients)
    np.testing.assert_allclose(ours[0], theirs, atol=5e-3)


def test_features_of_a_quiet_clip_do_not_depend_on_the_batch() -> None:
    waves = torch.stack([noise(0), noise(1, level=1e-4), noise(2)])
    peer = MfccLogistic()
    torch.testing.assert_close(peer.features(waves)[1], peer.features(waves[1:2])[0])


def test_low_and_high_tones_are_told_apart(tmp_path: Path) -> None:
    assert accuracy(tones(60, seed=0), tones(60, seed=1), tmp_path) > 0.95


def test_shuffled_labels_teach_nothing(tmp_path: Path) -> None:
    train, test = tones(60, seed=0), tones(60, seed=1)
    found = []
    for seed in range(10):
        order = torch.randperm(60, generator=torch.Generator().manual_seed(seed))
        found.append(accuracy(Clips(train.waves, train.labels[order], RATE), test, tmp_path))
    assert np.mean(found) == pytest.approx(0.5, abs=4 * np.std(found) / 10**0.5)
    assert np.mean(found) < 0.7


def test_one_seed_gives_one_peer(tmp_path: Path) -> None:
    train, waves = tones(20, seed=0), torch.stack([noise(0), noise(1)])
    first, again, other = (
        MfccLogistic().fit(train, NONE, Task(2, 0, seed), tmp_path).probabilities(waves)
        for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_stronger_penalty_shrinks_the_weights(tmp_path: Path) -> None:
    train = tones(20, seed=0)
    sizes = [
        np.abs(MfccLogistic(strength=s).fit(train, NONE, TASK, tmp_path).pipeline[-1].coef_).sum()
        for s in (0.001, 1.0)
    ]
    assert sizes[0] < 0.2 * sizes[1]


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    MfccLogistic().fit(tones(20, seed=0), NONE, TASK, tmp_path)
    assert not list(tmp_path.iterdir())
