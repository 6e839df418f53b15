"""Shares of states: where they stand, of how many clips, and what is not there."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure

from earwitness.sound.heart_cycle import STATES
from experiments.heart.figures.state_importance import METHODS, clip_counts, draw, state_importance
from experiments.heart.tables.importance import CHANNELS_SHARE

SHARES = {"shapley_states": [0.1, 0.6, 0.1, 0.2], "lrp": [0.2, 0.3, 0.2, 0.3]}
CLIPS = {"shapley_states": 3, "lrp": 9}
CHANCE = [0.15, 0.25, 0.1, 0.5]
LABELS = {method: f"name of {method}" for method in METHODS}


def rows() -> pd.DataFrame:
    """Two methods on abnormal clips answered right; one of them has players for the rows."""
    own = [
        {"method": method, "state": state, "share": share, "chance": chance, "p_abnormal": 0.8}
        | {"clips": CLIPS[method]}
        for method, shares in SHARES.items()
        for state, share, chance in zip(STATES, shares, CHANCE, strict=True)
    ]
    channels = {"method": "shapley_states", "state": CHANNELS_SHARE, "share": 0.4}
    own.append(channels | {"chance": np.nan, "p_abnormal": 0.9, "clips": 10})
    found = pd.DataFrame(own).assign(diagnosis="abnormal", right=True)
    return found.assign(share_low=found.share - 0.05, share_high=found.share + 0.1)


def points(panel: Axes) -> dict[str, ErrorbarContainer]:
    """The points of each method, by its label."""
    found = [own for own in panel.containers if isinstance(own, ErrorbarContainer)]
    return {str(own.get_label()): own for own in found}


@pytest.fixture
def panel() -> Axes:
    """The panel of those clips."""
    drawn = Figure().subplots()
    draw(drawn, rows(), LABELS)
    return drawn


def test_shares_stand_at_their_states(panel: Axes) -> None:
    """Those of the four rows at the last place."""
    dots = points(panel)["name of shapley_states: 3 clips"].lines[0]
    assert dots.get_ydata() == pytest.approx([*SHARES["shapley_states"], 0.4])
    assert np.round(dots.get_xdata()).tolist() == [0, 1, 2, 3, 4]
    only_states = points(panel)["name of lrp: 9 clips"].lines[0].get_ydata()
    assert only_states[:4] == pytest.approx(SHARES["lrp"])
    assert np.isnan(only_states[4])


def test_bars_are_the_time_of_each_state(panel: Axes) -> None:
    """The rows of the segmentation have none."""
    (bars,) = (own for own in panel.containers if isinstance(own, BarContainer))
    assert [bar.get_height() for bar in bars] == pytest.approx(CHANCE)


def test_each_method_says_how_many_clips_it_tells_of(panel: Axes) -> None:
    """Nothing may hide that a share is that of three clips of ten, or of none."""
    labels = list(points(panel))
    assert len(labels) == len(METHODS)
    assert f"{LABELS['combined']}: 0 clips" in labels
    assert panel.get_xticklabels()[-1].get_text().endswith("rows:\n10 clips")


def test_titles_tell_the_most_clips_and_their_probability() -> None:
    """One is not several."""
    assert clip_counts(rows()) == "10 clips, mean p(abnormal) = 0.90"
    assert clip_counts(rows().assign(clips=1, p_abnormal=0.25)) == "1 clip, mean p(abnormal) = 0.25"
    assert clip_counts(rows()[:0]) == "no clip"


def test_kinds_without_clips_are_empty_panels(tmp_path: Path, drawings: list[Figure]) -> None:
    """That name the states all the same."""
    rows().to_csv(tmp_path / "state_importance.csv", index=False)
    state_importance(tmp_path / "state_importance.csv", LABELS, tmp_path / "state_importance.png")
    kinds = list(product(("normal", "abnormal"), ("right", "wrong")))
    for panel, (diagnosis, answer) in zip(drawings[0].axes, kinds, strict=True):
        empty = (diagnosis, answer) != ("abnormal", "right")
        title = panel.get_title()
        assert title.startswith(f"{diagnosis}, answered {answer}\n")
        assert title.endswith("no clip") == empty
        assert [label.get_text() for label in panel.get_xticklabels()][:4] == list(STATES)
        shares = [own.lines[0].get_ydata(orig=False) for own in points(panel).values()]
        assert np.isnan(shares).all() == empty
