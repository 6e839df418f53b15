"""The challenge's score against its formula, written out term by term."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from earwitness.judge.challenge import credit_answers, macc_interval, score

ANSWERS = st.sampled_from(["abnormal", "normal", "unsure"])
RECORDING = st.tuples(ANSWERS, st.booleans(), st.booleans())


def by_the_formula(table: pd.DataFrame) -> tuple[float, float]:
    """Clifford et al. (2016): Se and Sp of both qualities, weighed by their shares."""
    result = []
    for kind, right in ((True, "abnormal"), (False, "normal")):
        of_kind = table[table.abnormal == kind]
        total = 0.0
        for noisy in (False, True):
            part = of_kind[of_kind.noisy == noisy]
            if len(part):
                good = {right, "unsure"} if noisy else {right}
                share = len(part) / len(of_kind)
                total += share * part.answer.isin(good).sum() / len(part)
        result.append(total)
    return result[0], result[1]


@given(rows=st.lists(RECORDING, min_size=4, max_size=30))
def test_it_is_the_formula(rows: list[tuple[str, bool, bool]]) -> None:
    table = pd.DataFrame(rows, columns=["answer", "abnormal", "noisy"])
    table.loc[:1, "abnormal"] = [True, False]  # both are there
    result = score(table.answer, table.abnormal, table.noisy)
    assert result[:2] == pytest.approx(by_the_formula(table))
    assert result.macc == pytest.approx((result.se + result.sp) / 2)


def test_without_unsure_it_is_balanced_accuracy() -> None:
    """As papers that never say "unsure" report it."""
    random = np.random.default_rng(0)
    truth, answers = random.random(200) < 0.2, random.random(200) < 0.4
    labels = pd.Series(np.where(answers, "abnormal", "normal"))
    clean = pd.Series(np.zeros(200, dtype=bool))
    result = score(labels, pd.Series(truth), clean)
    assert result.macc == pytest.approx(balanced_accuracy_score(truth, answers))


def test_the_interval_covers_the_truth() -> None:
    """About nineteen times in twenty, where subjects have several recordings."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        groups = pd.Series(np.arange(120) // 2)
        abnormal = pd.Series(np.arange(120) % 8 < 2)
        right = np.where(abnormal, 0.7, 0.9)
        credit = pd.Series((random.random(120) < right).astype(int))
        interval = macc_interval(credit, abnormal, groups)
        covered += interval.low <= 0.8 <= interval.high
        assert interval.n == 60
    assert 50 <= covered <= 60


def test_of_one_group_or_one_class_there_is_no_interval() -> None:
    abnormal = pd.Series([True, False])
    credit = credit_answers(pd.Series(["abnormal", "abnormal"]), abnormal, ~abnormal & False)
    assert credit.tolist() == [1, 0]
    assert np.isnan(macc_interval(credit, abnormal, pd.Series([0, 0])).low)
    alone = pd.Series([True, True])
    assert np.isnan(macc_interval(credit, alone, pd.Series([0, 1])).low)
