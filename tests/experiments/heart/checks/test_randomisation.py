"""Explanations of networks that forget."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from experiments.heart.checks import randomisation
from reproduction.results import checks

KEPT = Explanation(
    torch.tensor([0.1, -0.2, 0.3, -0.4]),
    (Axis("time", "s", torch.arange(4)),),
    "abnormal",
    0.5,
    "any",
    {},
    gap=None,
)


def test_magnitudes_are_compared_by_rank() -> None:
    """Whatever their sign; the reverse order is the opposite."""
    other = replace(KEPT, values=torch.tensor([1.0, 20.0, 300.0, 4000.0]))
    assert randomisation.magnitudes_alike(other, KEPT) == pytest.approx(1)
    other = replace(KEPT, values=torch.tensor([4.0, 3.0, 2.0, 1.0]))
    assert randomisation.magnitudes_alike(other, KEPT) == pytest.approx(-1)


def test_every_layer_of_some_clips_is_forgotten(run: DictConfig) -> None:
    """By each of the methods, from the output down, and the explanations change."""
    rows = checks.read(run, randomisation.CHECK)
    assert rows["clip"].nunique() == run.randomisation.clips
    assert set(rows.method) == set(run.randomisation.methods)
    layers = list(rows.layer.unique())
    assert layers[0] == "network.fc"
    assert layers[-1] == "network.conv1"
    assert len(rows) == len(layers) * len(run.randomisation.methods) * run.randomisation.clips
    last = rows[rows.layer == layers[-1]].value.dropna()
    assert np.all(last < 0.999)
