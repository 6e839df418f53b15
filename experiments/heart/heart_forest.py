"""A random forest on features of heart states, to compare the networks with.

Features are those of entries to PhysioNet/CinC 2016 (Potes et al., section 2.3; Zabihi et al.
without states): durations of states and their variation, amplitudes of states relative to each
other, levels of frequency bands, and MFCCs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from scipy.stats import kurtosis, skew
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor

from earwitness.sound.frontends.heart import LogMel, SegmentedCepstra
from earwitness.sound.heart_cycle import STATES
from reproduction.training.clips import Clips
from reproduction.training.networks import Task

UNKNOWN = 0.0
"""Value of a feature that a recording does not have."""
STATE_NUMBERS = range(1, len(STATES) + 1)
"""Numbers of the states in a track."""


@dataclass(frozen=True)
class HeartForest:
    """Features of whole recordings, then a random forest with balanced classes.

    Attributes:
        trees: number of trees.
        leaf: fewest recordings in a leaf, so that its class shares are probabilities.
    """

    trees: int = 300
    leaf: int = 5

    def fit(self, train: Clips, validate: Clips, task: Task, folder: Path) -> "FittedForest":
        """Fit on recordings `(2, samples)`; that takes seconds, so nothing is left in `folder`."""
        forest = RandomForestClassifier(
            self.trees, min_samples_leaf=self.leaf, random_state=task.seed, n_jobs=1
        )
        table = np.stack([features(wave) for wave in train.waves])
        weights = None if train.weights is None else train.weights.numpy()
        forest.fit(table, train.labels.numpy(), sample_weight=weights)
        return FittedForest(forest)


@dataclass(frozen=True)
class FittedForest:
    """A fitted `HeartForest`."""

    forest: RandomForestClassifier

    def probabilities(self, waves: Tensor) -> Tensor:
        """Recordings `(batch, 2, samples)` -> class probabilities `(batch, classes)`."""
        table = np.stack([features(wave) for wave in waves])
        return torch.from_numpy(self.forest.predict_proba(table))


def features(recording: Tensor) -> np.ndarray:
    """Features `(features,)` of a recording `(2, samples)`: sound at 1 kHz and state numbers."""
    sound = recording[0].double().numpy()
    track = recording[1].long().numpy()
    scaled = sound / max(sound.std(), 1e-12)
    parts = [*_durations(track), *_shapes(scaled, track), *_spectra(recording)]
    values = np.concatenate([np.atleast_1d(part) for part in parts])
    return np.nan_to_num(values, nan=UNKNOWN, posinf=UNKNOWN, neginf=UNKNOWN)


def _durations(track: np.ndarray) -> Iterator[np.ndarray]:
    """Mean and standard deviation, in samples, of each state's and the cycle's length; ratios."""
    edges = np.flatnonzero(np.diff(track)) + 1
    inner = list(pairwise(edges))
    durations = [
        np.array([end - start for start, end in inner if track[start] == number])
        for number in STATE_NUMBERS
    ]
    cycle = np.diff([start for start, _ in inner if track[start] == 1])
    means = np.array([_mean(values) for values in (*durations, cycle)])
    deviations = np.array([_std(values) for values in (*durations, cycle)])
    yield from (means, deviations)
    yield from (means[:-1] / max(means[-1], 1), deviations / np.maximum(means, 1))


def _shapes(sound: np.ndarray, track: np.ndarray) -> Iterator[np.ndarray]:
    """Mean amplitude of each state, also relative to the others, and skewness and kurtosis."""
    parts = [sound[track == number] for number in STATE_NUMBERS]
    amplitudes = np.array([np.abs(part).mean() if len(part) else 0 for part in parts])
    yield amplitudes
    yield amplitudes / max(amplitudes.sum(), 1e-12)
    yield np.array([skew(part) if len(part) > 2 else 0 for part in parts])
    yield np.array([kurtosis(part) if len(part) > 2 else 0 for part in parts])
    yield np.array([skew(sound), kurtosis(sound)])


def _spectra(recording: Tensor) -> Iterator[np.ndarray]:
    """Mean and deviation of mel levels in each state and overall; deviation and change of MFCCs."""
    with torch.inference_mode():
        levels = LogMel()(recording[None])[0].numpy()
        rows = SegmentedCepstra(20)(recording[None])[0].numpy()
    cepstra, states = rows[:20], rows[20:] > 0
    for frames in states:
        yield levels[::2, frames].mean(1) if frames.any() else np.zeros(len(levels[::2]))
        yield levels[::2, frames].std(1) if frames.any() else np.zeros(len(levels[::2]))
    yield levels.std(1)
    yield cepstra.std(1)
    yield np.abs(np.diff(cepstra, axis=1)).mean(1)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else UNKNOWN


def _std(values: np.ndarray) -> float:
    return float(values.std()) if len(values) else UNKNOWN
