"""Accuracies against pandas and scikit-learn, on predictions made up and on those of a run."""

import pandas as pd
import pytest
from omegaconf import DictConfig
from sklearn.metrics import accuracy_score

from earwitness import config, sweep
from experiments.audiomnist import judge, tables

COLUMNS = ["corpus", "task", "network", "folds", "mean", "sd", "ci_low", "ci_high"]


def test_the_table_has_a_row_for_each_model_and_study(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/accuracy.csv")
    assert list(table.columns) == COLUMNS
    assert len(table) == len(run.studies) * len(run.models)
    assert table[["ci_low", "ci_high"]].notna().all(axis=None)
    assert ((table.ci_low <= table["mean"]) & (table["mean"] <= table.ci_high)).all()


def test_accuracies_are_those_of_the_predictions(run: DictConfig) -> None:
    table = tables.accuracy(run, tables.predictions(run)).set_index(["task", "network"])
    for job in sweep.jobs(run):
        predicted = pd.read_csv(job.folder / "predictions.csv")
        expected = accuracy_score(predicted.label, predicted.predicted)
        label = run.studies[job.study].label
        assert table.loc[(label, job.model), "mean"] == pytest.approx(expected)


def made_up(first: list[int], second: list[int]) -> pd.DataFrame:
    """Predictions of two models for eight clips of four speakers."""
    parts = [
        pd.DataFrame({"correct": correct, "model": model})
        for model, correct in (("one", first), ("two", second))
    ]
    table = pd.concat(parts, ignore_index=True)
    clip = [index % 8 for index in range(16)]
    return table.assign(
        study="s", file=[f"f{i}" for i in clip], speaker=[f"v{i // 2}" for i in clip]
    )


def test_a_model_that_is_always_better_has_an_interval_above_zero() -> None:
    found = tables.difference(made_up([1] * 8, [0, 1] * 4), "s", "one", "two", seed=0)
    assert found.value == pytest.approx(0.5)
    assert found.low > 0
    assert found.n == 4


def test_equal_models_do_not_differ() -> None:
    same = [1, 0, 1, 1, 0, 1, 0, 0]
    assert tables.difference(made_up(same, same), "s", "one", "two", seed=0)[:3] == (0, 0, 0)


def test_an_unfinished_sweep_is_refused(fresh: DictConfig) -> None:
    with pytest.raises(sweep.InputError, match="6 jobs did not finish"):
        tables.main(fresh)


def test_sanity_is_the_mean_of_trained_and_of_wholly_randomised_networks(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/sanity.csv")
    raw = pd.read_csv(judge.path(run))
    same = (raw.task == "sex") & (raw.network == "alexnet") & (raw.check == "evidence")
    same &= raw.over == "time"
    chosen = table[(table.task == "sex") & (table.network == "alexnet") & (table.over == "time")]
    means = chosen[chosen.check == "evidence"].set_index("weights")["mean"]
    first = raw[same].drop_duplicates("clip")
    last = raw[same].drop_duplicates("clip", keep="last")
    assert (set(first.layer), set(last.layer)) == ({"original"}, {"network.conv1"})
    assert means["trained"] == pytest.approx(first.value.mean(), abs=1e-4)
    assert means["randomised"] == pytest.approx(last.value.mean(), abs=1e-4)
