"""Likeness while the network forgets: every method from one downwards."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.heart.figures.randomisation import randomisation

LAYERS = ["network.fc", "network.conv2", "network.conv1"]
VALUES = {
    "gradient_shap": [0.9, 0.5, 0.1],
    "lrp": [0.8, 0.8, 0.8],
    "occlusion_240ms": [0.7, 0.2, 0.0],
    "shapley_time": [0.6, 0.1, -0.1],
    "combined": [0.5, 0.4, 0.3],
}
LABELS = {method: f"name of {method}" for method in VALUES}


@pytest.fixture
def figure(tmp_path: Path, drawings: list[Figure]) -> Figure:
    """Five methods, layer by layer, as tables have them."""
    rows = pd.DataFrame(
        {"method": method, "layer": layer, "clips": 7, "value": values[index]}
        for index, layer in enumerate(LAYERS)
        for method, values in VALUES.items()
    )
    rows = rows.assign(value_low=rows.value - 0.1, value_high=rows.value + 0.05)
    rows.to_csv(tmp_path / "randomisation.csv", index=False)
    randomisation(tmp_path / "randomisation.csv", LABELS, tmp_path / "randomisation.png")
    return drawings[0]


def test_every_method_starts_at_one_and_keeps_its_values(figure: Figure) -> None:
    """However many methods there are."""
    (panel,) = figure.axes
    handles, labels = panel.get_legend_handles_labels()
    lines = dict(zip(labels, handles, strict=True))
    assert set(lines) == {LABELS[method] for method in VALUES}
    for method, values in VALUES.items():
        assert lines[LABELS[method]].get_ydata() == pytest.approx([1.0, *values])


def test_layers_are_named_from_the_output_down(figure: Figure) -> None:
    """Behind the trained network."""
    (panel,) = figure.axes
    ticks = [label.get_text() for label in panel.get_xticklabels()]
    assert ticks == ["original", "fc", "conv2", "conv1"]
    assert panel.get_title() == "7 clips"


def test_bands_are_the_intervals(figure: Figure) -> None:
    """As narrow as can be where explanations are the trained network's own."""
    (panel,) = figure.axes
    bands = panel.collections
    assert len(bands) == len(VALUES)
    corners = bands[sorted(VALUES).index("lrp")].get_paths()[0].vertices
    last = corners[corners[:, 0] == 3, 1]
    assert (last.min(), last.max()) == pytest.approx((0.7, 0.85))
    assert set(corners[corners[:, 0] == 0, 1]) == {1.0}
