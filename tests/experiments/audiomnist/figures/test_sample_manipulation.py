"""Falling accuracy: each curve where its numbers are, and silence apart from them."""

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from omegaconf import DictConfig

from experiments.audiomnist.figures import sample_manipulation as figure
from reproduction import config

ACCURACY = {"random": [1.0, 0.9, 0.8], "lrp": [1.0, 0.4, 0.2], "deep_lift": [1.0, 0.5, 0.1]}
LABELS = {"random": "a random draw", "lrp": "LRP", "deep_lift": "DeepLIFT"}


@pytest.fixture
def panel() -> Axes:
    """A panel of three methods at 0, 5, 10 and 100 per cent."""
    rows = [
        {"method": method, "percent": percent, "mean": mean, "task": "sex"}
        for method, curve in ACCURACY.items()
        for percent, mean in zip((0.0, 5.0, 10.0, 100.0), [*curve, 0.5], strict=True)
    ]
    table = pd.DataFrame(rows)
    drawn = Figure().subplots()
    table = table.assign(ci_low=table["mean"] - 0.05, ci_high=table["mean"] + 0.05)
    figure.draw(drawn, table, LABELS)
    return drawn


def test_the_figure_is_a_picture_with_something_on_it(run: DictConfig) -> None:
    """Of the tiny run."""
    picture = imread(config.paper_folder(run, "results") / "figures" / "sample_manipulation.png")
    assert min(picture.shape[:2]) > 200
    assert picture[..., :3].std() > 0.05


def test_curves_end_where_the_gap_begins(panel: Axes) -> None:
    """Each at its accuracies, solid if it is the paper's; one mark for silence."""
    curves, silence, chance = panel.lines[:3], panel.lines[3], panel.lines[-1]
    for line, (method, accuracy) in zip(curves, ACCURACY.items(), strict=True):
        assert line.get_xdata().tolist() == [0, 5, 10]
        assert line.get_ydata().tolist() == accuracy
        assert line.get_label() == LABELS[method]
        assert line.get_linestyle() == ("--" if method == "deep_lift" else "-")
    assert silence.get_xydata().tolist() == [[11.5, 0.5]]
    assert set(chance.get_ydata()) == {0.5}
    assert len(panel.collections) == 2 + 1  # intervals of the paper's curves and of silence


def test_the_axis_names_a_hundred_behind_the_gap(panel: Axes) -> None:
    """Its ticks are even up to ten."""
    labels = [label.get_text() for label in panel.get_xticklabels()]
    assert labels == ["0", "2", "4", "6", "8", "10", "100"]
    assert panel.get_xticks().tolist() == [0, 2, 4, 6, 8, 10, 11.5]
