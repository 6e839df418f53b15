"""The measures of L-MAC: by hand, against a loop over the definitions, and their bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.judge.fidelity import MEASURES, fidelity

PROBABILITY = st.floats(0, 1)
CLIPS = st.lists(st.tuples(PROBABILITY, PROBABILITY, PROBABILITY, st.booleans()), min_size=1)


def answers(*clips: tuple[float, float, float, bool]) -> pd.DataFrame:
    """What a listener answered to some clips."""
    return pd.DataFrame(clips, columns=["p", "heard", "rest", "same_answer"])


def test_four_clips_by_hand() -> None:
    """More certain, less certain, lost altogether, and recognised in the rest instead."""
    result = fidelity(
        answers((0.6, 0.8, 0.1, True), (0.8, 0.6, 0.2, True), (0.5, 0, 0.5, False), (1, 1, 1, True))
    )
    assert tuple(result.columns) == MEASURES
    expected = [[1, 0, 0.5, 0.5, 1], [0, 0.25, 0, 0.6, 1], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1]]
    np.testing.assert_allclose(result, expected)


@given(clips=CLIPS)
def test_equals_the_definitions_clip_by_clip(clips: list[tuple[float, float, float, bool]]) -> None:
    """As the formulas are written down, with nothing to lose of p = 0 and nothing to gain of 1."""
    result = fidelity(answers(*clips)).mean()
    drops = [max(0, p - o) / p if p else 0 for p, o, _, _ in clips]
    gains = [max(0, o - p) / (1 - p) if p < 1 else 0 for p, o, _, _ in clips]
    assert result["AI"] == pytest.approx(np.mean([o > p for p, o, _, _ in clips]))
    assert result["AD"] == pytest.approx(np.mean(drops))
    assert result["AG"] == pytest.approx(np.mean(gains))
    assert result["FF"] == pytest.approx(np.mean([p - r for p, _, r, _ in clips]))
    assert result["Fid-In"] == pytest.approx(np.mean([same for *_, same in clips]))


@given(clips=CLIPS)
def test_bounds(clips: list[tuple[float, float, float, bool]]) -> None:
    """Fractions; no clip both drops and gains; an increase is a gain."""
    result = fidelity(answers(*clips))
    assert ((result.drop(columns="FF") >= 0) & (result.drop(columns="FF") <= 1)).all(axis=None)
    assert (result.FF.abs() <= 1).all()
    assert not ((result.AD > 0) & (result.AG > 0)).any()


@given(clips=CLIPS)
def test_everything_heard_changes_nothing(clips: list[tuple[float, float, float, bool]]) -> None:
    """A mask that is open everywhere neither drops nor gains."""
    table = answers(*clips)
    result = fidelity(table.assign(heard=table.p))
    assert not result[["AI", "AD", "AG"]].any(axis=None)
