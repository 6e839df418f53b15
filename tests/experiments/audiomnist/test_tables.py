"""Accuracies against pandas and scikit-learn, on predictions made up and on those of a run."""

import pandas as pd
import pytest
from omegaconf import DictConfig
from sklearn.metrics import accuracy_score

from experiments.audiomnist import tables
from experiments.audiomnist.checks import fidelity, sanity
from reproduction import config, sweep
from reproduction.results import checks

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
    with pytest.raises(sweep.InputError, match="8 jobs did not finish"):
        tables.main(fresh)


def test_sanity_is_the_mean_of_trained_and_of_wholly_randomised_networks(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/sanity.csv")
    raw = checks.read(run, sanity.CHECK)
    kinds = ["clip", "task", "network", "method", "check", "over"]
    first, last, means = (
        rows[
            (rows.task == "sex")
            & (rows.network == "alexnet")
            & (rows.method == "lrp_alpha2_beta1")
            & (rows.check == "evidence")
            & (rows.over == "time")
        ]
        for rows in (raw.drop_duplicates(kinds), raw.drop_duplicates(kinds, keep="last"), table)
    )
    assert (set(first.layer), set(last.layer)) == ({"original"}, {"network.conv1"})
    means = means.set_index("weights")["mean"]
    assert means["trained"] == pytest.approx(first.value.mean(), abs=1e-4)
    assert means["randomised"] == pytest.approx(last.value.mean(), abs=1e-4)


def test_fidelity_is_the_mean_over_clips_and_listeners(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/fidelity.csv")
    raw = checks.read(run, fidelity.CHECK)
    assert len(table) == len(run.studies) * 3 * 2 * 4 * 2
    same = (raw.study == "synthetic_sex") & (raw.network == "alexnet") & (raw.method == "energy")
    others = raw[same & (raw.rendering == "signal") & ~raw.itself]
    chosen = (table.task == "sex") & (table.network == "alexnet") & (table.method == "energy")
    row = table[chosen & (table.rendering == "signal") & (table.listener == "others")].squeeze()
    assert row.clips == others.file.nunique()
    assert row.heard == pytest.approx(others.heard.mean(), abs=1e-4)
    assert row["FF"] == pytest.approx((others.p - others.rest).mean(), abs=1e-4)
    assert row["Fid-In"] == pytest.approx(others.same_answer.mean(), abs=1e-4)
    assert row.recognised == pytest.approx(others.same_class.mean(), abs=1e-4)


def test_networks_stand_beside_what_they_cost(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/networks.csv")
    accuracy = pd.read_csv(config.paper_folder(run, "results") / "tables/accuracy.csv")
    shared = ["corpus", "task", "network", "mean", "ci_low", "ci_high"]
    assert table[shared].equals(accuracy[shared])
    rows = table.set_index(["task", "network"])
    assert rows.parameters["digit", "audionet"] == 17_107_162
    assert rows.parameters["sex", "mfcc_logistic"] == 80 + 1
    batches = 2 * run.models.alexnet.schedule.batch_size
    learning = 3 * rows.answer_mmac["sex", "alexnet"] * batches / 1000
    assert rows.training_gmac["sex", "alexnet"] == pytest.approx(learning, rel=0.01)
    assert rows.training_gmac.isna().tolist() == [False, False, False, True] * 2


def test_networks_stand_beside_their_explanations_checks(run: DictConfig) -> None:
    table = pd.read_csv(config.paper_folder(run, "results") / "tables/networks.csv")
    checks = pd.read_csv(config.paper_folder(run, "results") / "tables/sanity.csv")
    of_lrp = checks[checks.method == "lrp"]
    found = table.set_index(["task", "network"])
    kinds = {
        "evidence_lrp": (of_lrp.check == "evidence") & (of_lrp.weights == "trained"),
        "likeness_lrp": (of_lrp.check == "likeness") & (of_lrp.weights == "randomised"),
    }
    for column, kind in kinds.items():
        same = of_lrp[kind & (of_lrp.over != "time")].set_index(["task", "network"])["mean"]
        assert found.loc[same.index, column].to_numpy() == pytest.approx(same, abs=2e-4)
        assert len(same) == 6
