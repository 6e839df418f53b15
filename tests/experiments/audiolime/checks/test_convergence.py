import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.lime import Lime, neighbourhood
from experiments.audiolime.answers import Answers
from experiments.audiolime.checks import convergence
from reproduction.results import checks


def of_game(noise: float, draws: int = 4096) -> Answers:
    """Answers that are a weighted sum of ten components, and noise."""
    drawn, random = neighbourhood(10, draws, 0), torch.Generator().manual_seed(0)
    outcomes = drawn.double() @ torch.linspace(-1, 1, 10).double()
    outcomes += noise * torch.randn(draws, generator=random).double()
    axes = (Axis("component", "", torch.arange(10)),)
    explanation = Explanation(torch.zeros(10), axes, "a", 0.5, "none", {}, None)
    return Answers(explanation, drawn, outcomes, torch.ones(10))


def rows_of(run: DictConfig, noise: float) -> pd.DataFrame:
    found = list(convergence.by_draws(of_game(noise), Lime(), 4096, min(run.top.k)))
    return pd.DataFrame(found).set_index("draws")


def test_without_noise_few_draws_are_enough(run: DictConfig) -> None:
    """And every seed says the same."""
    found = rows_of(run, 0)
    assert found.index.tolist() == [64, 128, 256, 512, 1024, 2048, 4096]
    assert (found.to_full > 0.99).all()
    assert (found.between.dropna() > 0.99).all()
    assert np.isnan(found.between[4096])


def test_noise_needs_more_draws(run: DictConfig) -> None:
    """Agreement rises with the number of draws, to one with itself."""
    found = rows_of(run, 2.0)
    assert found.to_full[64] < 0.8 < found.to_full[2048]
    assert found.between[64] < 0.7 < found.between[2048]
    assert found.loc[4096, ["to_full", "best", "top"]].tolist() == pytest.approx([1, 1, 1])


def test_clips_in_full_are_compared(run: DictConfig) -> None:
    """Two of each tagger, by both methods and surrogates, from the least draws to all."""
    rows = checks.read(run, convergence.CHECK)
    assert rows.groupby(["tagger", "method", "surrogate"]).clip.nunique().eq(2).all()
    assert sorted(rows.draws.unique()) == [64, 128, 256]
    full = rows[rows.draws == 256]
    assert full.to_full.dropna().eq(1).all()
    assert full.top.eq(1).all()
