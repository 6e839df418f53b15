import math

import pytest
import torch
from omegaconf import DictConfig

from experiments.audiolime.checks import agreement
from reproduction.results import checks


def test_equal_explanations_agree_and_opposite_ones_do_not() -> None:
    """Over components and over time."""
    values = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    same = agreement.agreement(values, 2 * values)
    assert (same["rank_correlation"], same["same_best"], same["time"]) == pytest.approx((1, 1, 1))
    other = agreement.agreement(values, -values)
    assert (other["rank_correlation"], other["same_best"]) == pytest.approx((-1, 0))


def test_components_that_differ_are_compared_over_time_alone() -> None:
    """Three sources and two bands have segments in common."""
    values = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    found = agreement.agreement(values, values[:2] + values[2:] / 2)
    assert math.isnan(found["rank_correlation"])
    assert math.isnan(found["same_best"])
    assert found["time"] == pytest.approx(1)


def test_every_other_explanation_is_compared(run: DictConfig) -> None:
    """Of the clips that have it."""
    rows = checks.read(run, agreement.CHECK)
    clips = rows.groupby(["tagger", "second"]).clip.nunique().unstack("tagger")
    expected = {"slime": 3, "true_stems": 3, "harmonic_percussive": 3, "shapley": 2,
                "audiolime_noise": 2, "audiolime_other": 2}  # fmt: skip
    assert clips.musicnn.to_dict() == clips.samplecnn.to_dict() == expected
