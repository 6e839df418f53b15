"""Planted murmurs: what counts as found, and what chance is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from experiments.heart.checks import murmur
from experiments.heart.explain import COMBINED, methods, store
from reproduction.results import checks


def test_what_is_found_is_judged_by_its_largest_and_by_its_sum() -> None:
    """Values below zero speak against and do not count."""
    inside = torch.tensor([False, True, True, False])
    found = murmur.judged(torch.tensor([1.0, 2.0, 1.0, -9.0]), inside)
    assert found == {"hit": 1, "share": pytest.approx(0.75), "chance": 0.5}
    assert murmur.judged(torch.tensor([3.0, 2.0, 1.0, 0.0]), inside)["hit"] == 0


def test_nothing_found_is_a_miss() -> None:
    """There is nothing of which a share could be told."""
    found = murmur.judged(torch.zeros(4), torch.tensor([True, False, False, False]))
    assert found["hit"] == 0
    assert np.isnan(found["share"])


def test_a_murmur_is_in_the_state_that_lasts_most_of_it() -> None:
    """As the network was told the states."""
    track = torch.tensor([1, 2, 3, 4]).repeat_interleave(torch.tensor([100, 300, 100, 500]))
    planted = pd.DataFrame({"onset_s": [0.15], "offset_s": [0.45], "low_hz": 20, "high_hz": 300})
    assert murmur.murmur_s_state(track, planted).tolist() == [False, True, False, False]


def test_loudness_finds_what_is_loud() -> None:
    """The control knows the sound alone."""
    wave = torch.zeros(1000)
    wave[600:700] = 0.5
    assert murmur.energy(wave, 10).nonzero().flatten().tolist() == [6]


def test_a_clip_without_a_murmur_has_no_row(run: DictConfig) -> None:
    """Whatever is said of it."""
    clip = SimpleNamespace(evidence=pd.DataFrame)
    assert list(murmur.murmur_rows(methods(run), clip)) == []


def test_every_method_is_judged_on_every_clip_with_a_murmur(run: DictConfig) -> None:
    """The control and the paper's combination too; chance is the murmur's share of the time."""
    rows = checks.read(run, murmur.CHECK)
    planted = [clip for clip in store(run).read() if len(clip.evidence())]
    assert planted
    assert set(rows["clip"]) == {clip.row.clip for clip in planted}
    assert {COMBINED, murmur.CONTROL} < set(rows.method)
    assert (rows.groupby("clip").size() == rows.method.nunique()).all()
    for clip in planted:
        own = rows[(rows["clip"] == clip.row.clip) & (rows.method == "lrp")].iloc[0]
        regions = clip.evidence()
        inside = regions.offset_s.clip(0, 5) - regions.onset_s.clip(0, 5)
        assert own.chance == pytest.approx(inside.sum() / 5, abs=0.1)
