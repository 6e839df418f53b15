"""Networks by what their training costs: where they are drawn."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from experiments.audiomnist.figures import networks


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [
        ("audionet", 0.9, 0.8, 0.95, 17_107_162, 3000.0),
        ("alexnet", 0.85, 0.8, 0.9, 12_808_906, 6000.0),
        ("gammatonenet", 0.97, 0.9, 1.0, 312_666, 500.0),
        ("mfcc_logistic", 0.91, 0.88, 0.94, 810, float("nan")),
    ]
    columns = ["network", "mean", "ci_low", "ci_high", "parameters", "training_gmac"]
    return pd.DataFrame(rows, columns=columns).assign(corpus="Digits", task="digit")


def test_each_network_stands_at_its_cost_and_accuracy(table: pd.DataFrame) -> None:
    panel = Figure().subplots()
    networks.draw(panel, table)
    points = [container.lines[0].get_xydata()[0].tolist() for container in panel.containers]
    assert points == table[["training_gmac", "mean"]][:3].to_numpy().tolist()
    labels = panel.get_legend_handles_labels()[1]
    assert {"AudioNet, 17.1 M", "GammatoneNet, 0.3 M", "MFCC, linear"} <= set(labels)


def test_studies_share_their_axes(table: pd.DataFrame, tmp_path: Path) -> None:
    both = pd.concat([table, table.assign(task="sex", ci_low=float("nan"))])
    both.to_csv(tmp_path / "networks.csv")
    networks.networks(tmp_path / "networks.csv", tmp_path / "networks.png")
    assert imread(tmp_path / "networks.png")[..., :3].std() > 0.05
