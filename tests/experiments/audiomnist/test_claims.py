"""Verdicts and claims of a run, and that only sure numbers carry a verdict."""

import pandas as pd
import pytest
import yaml
from omegaconf import DictConfig

from earwitness import config
from earwitness.report.claims import Claim
from earwitness.report.verdicts import Verdict
from experiments.audiomnist import claims
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


def test_lower_relevance_makes_a_positive_statistic(
    run: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = pd.DataFrame({"pair": "p", "clip": ["a", "b"], "speaker": ["1", "2"]})
    heard = {"digit": 1500.0, "sex": 400.0}
    monkeypatch.setattr(claims, "mean_frequency", lambda clip, task: heard[task])
    assert claims.frequency_difference(run, clips).value == pytest.approx(1100)
