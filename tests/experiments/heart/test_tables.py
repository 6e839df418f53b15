"""The tables say what the rows that they come from say."""

import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig, OmegaConf
from sklearn.metrics import balanced_accuracy_score

from earwitness.judge.segmentation import accuracy, f1, onset_f1, pooled_confusion
from earwitness.sound.heart_cycle import STATES
from experiments.heart.checks import murmur
from experiments.heart.explain import COMBINED, methods, store
from experiments.heart.tables import checked, classification, importance, segmentation
from reproduction import config
from reproduction.results import checks


def table(cfg: DictConfig, name: str) -> pd.DataFrame:
    """A table as it was written."""
    return pd.read_csv(config.paper_folder(cfg, "results") / f"tables/{name}.csv")


def test_every_model_has_a_row_a_split(run: DictConfig) -> None:
    """And the mean of all models, but for the leak, which nobody should build on."""
    found = table(run, "classification")
    assert (found.groupby(["split"]).size()[["by record", "database left out"]] == 8).all()
    assert (found.split == "by segment (leak)").sum() == 4
    assert found[["Se", "Sp", "MAcc", "AUROC", "AUPRC"]].stack().between(0, 1).all()
    assert np.allclose(found.MAcc, (found.Se + found.Sp) / 2, atol=1e-4)


def test_macc_is_balanced_accuracy_of_recordings(run: DictConfig) -> None:
    """By another implementation, from the predictions themselves."""
    answered = classification.clips(run)
    forest = answered[(answered.study == "record") & (answered.model == "forest")]
    expected = balanced_accuracy_score(forest.label, forest.p_1 > 0.5)
    found = table(run, "classification")
    row = found[(found.split == "by record") & (found.network == "random forest")]
    assert row.MAcc.item() == pytest.approx(expected, abs=1e-4)


def test_a_recording_is_the_mean_of_its_clips() -> None:
    """And all models together are the mean of theirs."""
    rows = [
        ("record", model, 0, "x", "x", "a", 1, p)
        for model, p in (("mfcc", 0.2), ("mfcc", 0.4), ("forest", 0.9))
    ]
    columns = ["study", "model", "fold", "file", "speaker", "database", "label", "p_1"]
    found = classification.recordings(pd.DataFrame(rows, columns=columns)).set_index("model").p_1
    assert found.to_dict() == pytest.approx(
        {"mfcc": 0.3, "forest": 0.9, classification.TOGETHER: 0.6}
    )


def test_the_leak_is_compared_clip_by_clip(run: DictConfig) -> None:
    """Each model under three splits; nothing is below itself."""
    found = table(run, "leakage")
    assert (found.unit == "segment").all()
    assert (found.groupby("segmentation").size() == 3).sum() >= 2
    assert (found[found.split == "by segment (leak)"].below_leak == 0).all()


def test_segmentation_is_told_raw_and_decoded(run: DictConfig) -> None:
    """A row a fold and one of all."""
    found = table(run, "segmentation")
    assert sorted(zip(found.fold.astype(str), found.decoded, strict=True)) == [
        ("0", False),
        ("0", True),
        ("all", False),
        ("all", True),
    ]
    assert found.accuracy.between(0, 1).all()


def test_shares_of_states_add_up(run: DictConfig) -> None:
    """In every clip in which anything speaks for the class."""
    for clip in store(run).read():
        rows = pd.DataFrame(importance.shared(methods(run), clip))
        of_states = rows[rows.state != "segmentation channels"].dropna(subset="share")
        sums = of_states.groupby("method").share.sum()
        assert sums.to_numpy() == pytest.approx(1.0, abs=1e-5)
        channels = rows[rows.state == "segmentation channels"].share.dropna()
        assert channels.between(0, 1).all()


def test_agreement_lies_within_its_bounds(run: DictConfig) -> None:
    """Ranks from -1 to 1, states from 0 to 1."""
    found = table(run, "agreement")
    ranks = found.measure == "rank correlation"
    assert found[ranks]["mean"].between(-1, 1).all()
    assert found[~ranks]["mean"].between(0, 1).all()


def test_the_combination_has_shares_of_its_own(run: DictConfig) -> None:
    """Beside the methods that it is made of."""
    assert COMBINED in set(table(run, "state_importance").method)


def test_checks_are_averaged_over_clips(run: DictConfig) -> None:
    """Of all clips of a kind, with an interval about the mean."""
    found = table(run, "randomisation")
    rows = checks.read(run, "randomisation").dropna(subset="value")
    assert found.clips.sum() == len(rows)
    row = found.iloc[-1]
    same = rows[(rows.method == row.method) & (rows.layer == row.layer)]
    assert row.value == pytest.approx(same.value.mean(), abs=1e-4)
    assert row.value_low <= row.value <= row.value_high
    windows = table(run, "occlusion_windows")
    assert windows.groupby("window_ms").share.sum().to_numpy() == pytest.approx(1, abs=1e-3)


def test_what_was_not_asked_has_a_table_without_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planted in real recordings: the columns are there all the same."""
    nothing = pd.DataFrame(columns=murmur.COLUMNS)
    monkeypatch.setattr(checks, "read", lambda cfg, check: nothing)
    found = checked.localisation(OmegaConf.create({"seed": 0}))
    values = ["hit", "hit_low", "hit_high", "share", "share_low", "share_high"]
    assert list(found) == ["method", "right", "clips", *values, "chance"]
    assert found.empty


def test_measures_of_segmentation_are_those_of_the_judge(run: DictConfig) -> None:
    """Of all frames of all recordings, in one way of counting as in the other."""
    counts = segmentation.tested(run)
    counts = counts[counts.decoded]
    row = table(run, "segmentation").query("fold == 'all' and decoded").iloc[0]
    matrix = pooled_confusion(counts)
    assert row.accuracy == pytest.approx(accuracy(matrix), abs=1e-4)
    assert row[[f"F1_{state}" for state in STATES]].tolist() == pytest.approx(f1(matrix), abs=1e-4)
    assert row.F1_mean == pytest.approx(f1(matrix).mean(), abs=1e-4)
    names = ["S1_matched_60ms", "S1_found", "S1_true"]
    assert row.S1_onset_F1_60ms == pytest.approx(onset_f1(*counts[names].sum()), abs=1e-4)
    assert row.accuracy_low <= row.accuracy <= row.accuracy_high


def test_confidence_is_weighed_by_time() -> None:
    """Three seconds of .9 and one of .5 make .8."""
    states = pd.DataFrame(
        {"file": ["x", "x", "y"], "start_s": [0, 3, 0], "end_s": [3, 4, 2]}
    ).assign(confidence=[0.9, 0.5, 0.4])
    assert segmentation.confidences(states).to_dict() == pytest.approx({"x": 0.8, "y": 0.4})


def test_knowing_the_database_is_worth_nothing_within_it() -> None:
    """All of one called abnormal, all of the other normal: right by far more than half of them."""
    table = pd.DataFrame(
        {"database": ["a"] * 10 + ["b"] * 10, "label": [1] * 9 + [0] + [0] * 9 + [1]}
    )
    answers = pd.Series(["abnormal"] * 10 + ["normal"] * 10)
    assert classification.within_databases(answers, table) == 0.5
    assert classification.within_databases(answers[:10], table[:10]) == 0.5
