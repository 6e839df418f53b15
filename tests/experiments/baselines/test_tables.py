from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig

from earwitness.judge.ranks import OVERALL
from experiments.baselines.measure import CONTROL, METHOD, compared_networks
from experiments.baselines.measures import MEASURES
from experiments.baselines.tables import methods, ranks
from reproduction import config

LEVELS = {"right": 0.9, "wrong": 0.1, "random": 0.5, "constant": 0.4}
CONTROLS = ("random", "constant")


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    """Two networks and eight speakers; "right" beats the controls in everything, "wrong" not."""
    random = np.random.default_rng(0)
    rows = []
    for network in ("one", "two"):
        for speaker in "abcdefgh":
            for method, level in LEVELS.items():
                noisy = {name: level + 0.02 * random.standard_normal() for name in MEASURES}
                less = {name: 1 - noisy[name] for name, sign in MEASURES.items() if sign < 0}
                kind = CONTROL if method in CONTROLS else METHOD
                told = {"network": network, "speaker": speaker, "method": method, "kind": kind}
                rows.append({**told, **noisy, **less})
    table = pd.DataFrame(rows)
    return table.assign(data="sounds", paper="p", left_out="", clip=table.speaker)


def folder(run: DictConfig) -> Path:
    return config.paper_folder(run, "results") / "tables"


def test_a_method_that_is_better_beats_the_controls(planted: pd.DataFrame) -> None:
    """Whether more or less is better; by how much stands beside it."""
    table = ranks(planted, 0).set_index(["measure", "method"])
    for measure in MEASURES:
        right, wrong = table.loc[(measure, "right")], table.loc[(measure, "wrong")]
        assert (right["rank"], wrong["rank"]) == (1, 4)
        if measure == "seconds":
            assert np.isnan(right.margin)
            continue
        assert right.beats_controls == "yes"
        assert right.margin == pytest.approx(0.4, abs=0.03)
        assert right.margin_low < right.margin < right.margin_high
        assert right.control == wrong.control == "random"
        assert wrong.beats_controls == "no"
        assert wrong.margin == pytest.approx(-0.4, abs=0.03)
    assert table.loc[(OVERALL, "right"), "rank"] == 1
    assert (table.loc[OVERALL].networks == 2).all()
    assert table.loc[("deletion", "right"), "value"] == pytest.approx(0.9, abs=0.02)
    assert table.loc[("randomisation", "right"), "value"] == pytest.approx(0.1, abs=0.02)


def test_what_equals_a_control_does_not_beat_it(planted: pd.DataFrame) -> None:
    """A margin of zero, and no interval above it."""
    copied = planted.copy()
    for network in ("one", "two"):
        here = copied.network == network
        random = copied[here & (copied.method == "random")][list(MEASURES)].to_numpy()
        copied.loc[here & (copied.method == "right"), list(MEASURES)] = random
    table = ranks(copied, 0).set_index(["measure", "method"])
    assert (table.loc["deletion"].beats_controls.dropna() == "no").all()
    assert table.loc[("deletion", "right"), "margin"] == pytest.approx(0, abs=1e-9)


def test_a_network_without_a_method_does_not_count(planted: pd.DataFrame) -> None:
    """It is known of one, and the reason is told of the other."""
    without = planted.copy()
    here = (without.network == "two") & (without.method == "right")
    without.loc[here, list(MEASURES)] = np.nan
    without.loc[here, "left_out"] = "no rule"
    told = ranks(without, 0).set_index(["measure", "method"])
    assert told.loc[("deletion", "right"), "networks"] == 1
    assert told.loc[("deletion", "right"), "rank"] == 1
    assert told.loc[("deletion", "wrong"), "rank"] == pytest.approx(3.5)
    table = methods(without, 0).set_index(["network", "method"])
    assert table.loc[("two", "right"), "left_out"] == "no rule"
    assert np.isnan(table.loc[("two", "right"), "deletion"])
    assert table.left_out.notna().sum() == 1


def test_methods_are_means_over_clips(planted: pd.DataFrame) -> None:
    table = methods(planted, 0).set_index(["network", "method"])
    own = planted[(planted.network == "one") & (planted.method == "right")]
    row = table.loc[("one", "right")]
    assert row.deletion == pytest.approx(own.deletion.mean())
    assert row.deletion_low < row.deletion < row.deletion_high
    assert row.deletion_n == 8


def test_tables_hold_every_network_and_method(run: DictConfig) -> None:
    """One row each, controls apart, and the data they come from."""
    table = pd.read_csv(folder(run) / "methods.csv")
    networks = sum(len(of) for of in compared_networks(run).values())
    assert len(table) == networks * (len(run.explainers) + len(run.controls))
    assert set(table[table.kind == CONTROL].method) == set(run.controls)
    assert table.data.str.startswith("Synthetic").all()
    assert table.localisation.dropna().between(0, 1).all()
    assert table.sparseness.dropna().between(0, 1).all()


def test_ranks_are_of_every_measure(run: DictConfig) -> None:
    table = pd.read_csv(folder(run) / "ranks.csv")
    count = len(run.explainers) + len(run.controls)
    assert (table.groupby("measure").size() == count).all()
    assert set(table.measure) == {OVERALL, *MEASURES}
    assert table["rank"].dropna().between(1, count).all()
    assert table[table.kind == CONTROL].margin.isna().all()
    known = table.dropna(subset=["rank_low", "rank"])
    assert (known.rank_low <= known.rank_high).all()
