"""What the length of the occluded window does."""

import pytest
from omegaconf import DictConfig

from earwitness.judge.agreement import pairwise_rank_correlations
from earwitness.sound.heart_cycle import STATES
from experiments.heart.checks import windows
from experiments.heart.explain import store
from reproduction.results import checks


def test_every_window_of_every_clip_is_told(run: DictConfig) -> None:
    """Each state has its share; they add up where anything speaks for the class."""
    rows = checks.read(run, windows.CHECK)
    clips = store(run).read()
    assert sorted(rows.window_ms.unique()) == [100, 240, 500, 1000]
    assert len(rows) == len(clips) * 4 * len(STATES)
    sums = rows.dropna(subset="share").groupby(["clip", "window_ms"]).share.sum()
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-4)


def test_likeness_is_that_of_the_kept_explanations(run: DictConfig) -> None:
    """Of the same clip and window."""
    clip = store(run).read()[0]
    names = ("occlusion_500ms", "gradient_shap")
    both = {name: clip.explanation(name) for name in names}
    expected = pairwise_rank_correlations(both, len(clip.wave()) / 1000).rank_correlation.item()
    rows = checks.read(run, windows.CHECK)
    own = rows[(rows["clip"] == clip.row.clip) & (rows.window_ms == 500)]
    assert own.alike.to_numpy() == pytest.approx(expected, abs=1e-5, nan_ok=True)
