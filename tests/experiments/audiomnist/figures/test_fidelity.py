"""The picture of the listening test: drawn, and each dot where its number is."""

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from omegaconf import DictConfig

from experiments.audiomnist.explain import NETWORKS
from experiments.audiomnist.figures import fidelity
from reproduction import config

METHODS = {"lrp": "LRP", **fidelity.CONTROLS}


def test_the_figure_is_a_picture_with_something_on_it(run: DictConfig) -> None:
    picture = imread(config.paper_folder(run, "results") / "figures" / "fidelity.png")
    assert min(picture.shape[:2]) > 200
    assert picture[..., :3].std() > 0.05


def test_heard_and_rest_stand_at_their_probabilities() -> None:
    """Beside the name of their method."""
    rows = pd.DataFrame(
        {"network": network, "method": method, "p": 0.9, "heard": 0.8 - index / 10, "rest": 0.1}
        for network in NETWORKS
        for index, method in enumerate(METHODS)
    )
    for part in ("p", "heard", "rest"):
        rows[f"{part}_low"], rows[f"{part}_high"] = rows[part] - 0.05, rows[part] + 0.05
    panel = Figure().subplots()
    fidelity.draw(panel, rows, METHODS)
    labels = [label.get_text() for label in panel.get_yticklabels()]
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    found = {}
    for dot in dots:
        filled = dot.get_markerfacecolor() != "white"
        found[round(dot.get_ydata()[0]), filled] = dot.get_xdata()[0]
    assert len(found) == 2 * len(rows)
    for (row, filled), value in found.items():
        index = list(METHODS.values()).index(labels[row])
        assert value == pytest.approx(0.8 - index / 10 if filled else 0.1)
