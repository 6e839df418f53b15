from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest
import yaml

from earwitness.judge.bootstrap import Interval
from reproduction.results.claims import Claim
from reproduction.results.verdicts import Verdict, table, verdict
from tests.checkout import ROOT

PUBLISHED = {
    "id": "digit",
    "what": "accuracy, digit",
    "value": 0.75,
    "spread": 0.125,
    "source": "table 1",
    "data": "AudioMNIST",
}


def judged(low: float, high: float, data: str = "AudioMNIST") -> str:
    return verdict(PUBLISHED, Interval((low + high) / 2, low, high, 12), data).verdict


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.7, 0.8, "reproduced"),  # inside the spread of 0.625 to 0.875
        (0.0, 1.0, "reproduced"),  # around it
        (0.5, 0.7, "reproduced"),
        (0.8, 1.0, "reproduced"),
        (0.5, 0.625, "reproduced"),  # they touch
        (0.875, 1.0, "reproduced"),
        (0.5, 0.6249, "differs"),
        (0.8751, 1.0, "differs"),
        (0.1, 0.1, "differs"),
    ],
)
def test_a_number_is_reproduced_where_spread_and_interval_meet(
    low: float, high: float, expected: str
) -> None:
    assert judged(low, high) == expected


@pytest.mark.parametrize("interval", [(0.7, 0.8), (0.0, 0.1), (nan, nan)])
def test_other_data_are_not_comparable_whatever_the_numbers(interval: tuple[float, float]) -> None:
    assert judged(*interval, data="FSDD") == "not comparable"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.75, "reproduced"), (0.625, "reproduced"), (0.6249, "differs"), (0.8751, "differs")],
)
def test_without_an_interval_the_value_itself_must_lie_within_the_spread(
    value: float, expected: str
) -> None:
    assert verdict(PUBLISHED, Interval(value, nan, nan, 1), "AudioMNIST").verdict == expected


@pytest.mark.parametrize(("low", "high"), [(0.8, nan), (nan, 0.7), (nan, nan)])
def test_an_accuracy_that_is_no_number_is_not_reproduced(low: float, high: float) -> None:
    assert judged(low, high) == "differs"


def test_a_verdict_sets_both_numbers_side_by_side() -> None:
    found = verdict(PUBLISHED, Interval(0.7, 0.6, 0.8, 12), "AudioMNIST")
    assert found == Verdict(
        "digit",
        "accuracy, digit",
        0.75,
        0.125,
        "table 1",
        0.7,
        0.6,
        0.8,
        12,
        "AudioMNIST",
        "reproduced",
    )


@pytest.mark.parametrize("kind", [Verdict, Claim])
def test_a_table_has_its_columns_even_when_empty(kind: type, tmp_path: Path) -> None:
    empty = table([], kind)
    assert list(empty.columns) == list(kind._fields)
    assert len(empty) == 0
    empty.to_csv(tmp_path / "a.csv", index=False)
    assert list(pd.read_csv(tmp_path / "a.csv").columns) == list(kind._fields)


def test_a_table_has_a_row_for_each() -> None:
    rows = [
        verdict(PUBLISHED, Interval(value, value, value, 2), "AudioMNIST") for value in (0.7, 0.1)
    ]
    found = table(iter(rows), Verdict)
    assert list(found.columns) == list(Verdict._fields)
    assert found.verdict.tolist() == ["reproduced", "differs"]
    assert found.reproduced.tolist() == [0.7, 0.1]


@pytest.mark.parametrize(
    "file",
    sorted(ROOT.glob("experiments/*/published.yaml")),
    ids=lambda file: file.parent.name,
)
def test_every_published_number_can_be_judged(file: Path) -> None:
    entries = [entry for part in yaml.safe_load(file.read_text()).values() for entry in part]
    assert len({entry["id"] for entry in entries}) == len(entries) > 0
    for entry in entries:
        same = Interval(entry["value"], entry["value"], entry["value"], 2)
        found = verdict(entry, same, entry["data"])
        assert found.verdict == "reproduced"
        assert entry["source"]
        assert not isnan(found.published_spread)
