import pandas as pd
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from earwitness.explain.explanation import Axis, Explanation
from experiments.midlevel.checks import cause
from experiments.midlevel.explain import corpus_of, store
from reproduction.results import checks

REGION = pd.DataFrame([{"onset_s": 2.0, "offset_s": 4.0, "low_hz": 200.0, "high_hz": 900.0}])


def explanation(*axes: Axis) -> Explanation:
    shape = [len(axis.values) for axis in axes]
    return Explanation(torch.zeros(shape), axes, "fear", 0.5, "test", {}, None)


def test_songs_with_a_good_deal_of_it_have_rows(run: DictConfig) -> None:
    """And no others; every explanation and the control."""
    rows, corpus = checks.read(run, cause.CHECK), corpus_of(run)
    wanted = {s.row.song for s in store(run).read() if cause.planted(run, corpus, s)}
    assert set(rows.song) == wanted
    assert len(rows) == len(wanted) * len(run.explain.by) * 4


def test_where_is_the_passage_the_band_or_the_source(run: DictConfig) -> None:
    """By the middles of the parts."""
    source = run.planted.source
    one = Axis("frequency", "Hz", torch.tensor([500.0]))
    time = Axis("time", "s", torch.tensor([1.0, 3.0, 5.0]))
    assert cause.where(source, explanation(one, time), REGION).tolist() == [False, True, False]
    bands = Axis("frequency", "Hz", torch.tensor([100.0, 500.0]))
    moment = Axis("time", "s", torch.tensor([5.0]))
    assert cause.where(source, explanation(bands, moment), REGION).tolist() == [False, True]
    sources = Axis.of_names("source", ["melody", "chords"])
    assert cause.where(source, explanation(sources, moment), REGION).tolist() == [False, True]


def test_a_hit_is_the_largest_value_inside() -> None:
    """Above zero or not; a share there is only of what is above."""
    inside = torch.tensor([False, True, True])
    assert cause.scores(torch.tensor([1.0, 3.0, 0.0]), inside) == {
        "hit": 1.0,
        "share": 0.75,
        "chance": pytest.approx(2 / 3),
    }
    below = cause.scores(torch.tensor([-3.0, -1.0, -2.0]), inside)
    assert below["hit"] == 1.0
    assert below["share"] != below["share"]
    assert cause.scores(torch.tensor([3.0, 1.0, 2.0]), inside)["hit"] == 0.0


def test_where_nothing_was_planted_there_are_no_rows(run: DictConfig, tmp_path: str) -> None:
    """But a table with its columns."""
    cfg = OmegaConf.merge(run, {"planted": None, "runs_dir": str(tmp_path)})
    cause.main(cfg)
    rows = checks.read(cfg, cause.CHECK)
    assert list(rows) == cause.COLUMNS
    assert rows.empty
