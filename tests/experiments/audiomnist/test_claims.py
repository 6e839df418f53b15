"""Verdicts and claims of a run, and that only sure numbers carry a verdict."""

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from omegaconf import DictConfig

from earwitness import config
from earwitness.explain.explanation import Axis, Explanation
from earwitness.report.claims import Claim
from earwitness.report.verdicts import Verdict
from experiments.audiomnist import claims
from experiments.audiomnist.figures import Explained
from experiments.audiomnist.tables import predictions


def test_the_tables_have_the_promised_columns(run: DictConfig) -> None:
    folder = config.paper_folder(run, "results")
    verdicts, judged = (pd.read_csv(folder / f"{name}.csv") for name in ("verdicts", "claims"))
    assert tuple(verdicts.columns) == Verdict._fields
    assert tuple(judged.columns) == Claim._fields
    assert set(verdicts.verdict) == {"not comparable"}
    assert set(judged.verdict) <= {"holds", "fails", "undecided"}


def test_every_published_number_has_a_source() -> None:
    listed = yaml.safe_load(claims.PUBLISHED.read_text())["accuracies"]
    assert {entry["id"] for entry in listed} == {"digit_alexnet", "digit_audionet"}
    for entry in listed:
        assert entry["source"]
        assert 0 < entry["spread"] < entry["value"] < 1


def test_a_verdict_compares_like_with_like(run: DictConfig) -> None:
    predicted = predictions(run)
    for row in claims.verdicts(run, predicted):
        model = row.id.removeprefix("digit_")
        same = predicted[(predicted.model == model) & (predicted.task == "digit")]
        assert row.reproduced == pytest.approx(same.correct.mean())


@pytest.mark.parametrize("place", [400.0, 2500.0])
def test_the_mean_frequency_is_where_relevance_was_put(tmp_path: Path, place: float) -> None:
    frequencies, times = torch.arange(0.0, 4000.0, 50.0), torch.arange(0.0, 1.0, 0.1)
    values = torch.exp(-(((frequencies - place) / 100) ** 2))[:, None].repeat(1, len(times))
    values[(frequencies - place).abs() > 300] = -1.0
    axes = Axis("frequency", "Hz", frequencies), Axis("time", "s", times)
    Explanation(values, axes, "digit 1", 0.5, "LRP", {}, 0.0).save(tmp_path / "digit_alexnet.pt")
    found = claims.mean_frequency(Explained(tmp_path, None), "digit")
    assert found == pytest.approx(place, abs=1)


def test_lower_relevance_makes_a_positive_statistic(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pd.DataFrame({"pair": "p", "clip": ["a", "b"], "speaker": ["1", "2"]}).itertuples()
    clips = [Explained(Path(), row) for row in rows]
    heard = {"digit": 1500.0, "sex": 400.0}
    monkeypatch.setattr(claims, "mean_frequency", lambda clip, task: heard[task])
    assert claims.frequency_difference(clips, seed=0).value == pytest.approx(1100)
