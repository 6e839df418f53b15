"""Pictures: what is drawn for each kind of explanation, and in which units."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from earwitness.explain.explanation import Axis, Explanation
from earwitness.present import plots
from reproduction.results import drawing

TIME = Axis("time", "s", torch.tensor([0.1, 0.3, 0.5, 0.7]))
FREQUENCY = Axis("frequency", "Hz", torch.tensor([0.0, 1000.0, 2000.0]))
SOURCE = Axis.of_names("source", ["voice", "drums"])


def explained(values: Tensor, *axes: Axis, error: Tensor | None = None) -> Explanation:
    return Explanation(values, axes, "digit 1", 0.25, "planted", {}, 0.0, error, "probability")


@pytest.fixture
def panel() -> plt.Axes:
    drawing, panel = plt.subplots()
    yield panel
    plt.close(drawing)


def test_map_has_a_cell_a_value_in_per_mille_of_all(panel: plt.Axes) -> None:
    values = torch.tensor([[1.0, 0, 0, 0], [0, -3, 0, 0], [0, 0, 0, 4]])
    plots.draw_explanation(panel, explained(values, FREQUENCY, TIME))
    (mesh,) = (drawn for drawn in panel.collections if isinstance(drawn, QuadMesh))
    np.testing.assert_allclose(mesh.get_array().reshape(3, 4), values * 1000 / 8, rtol=1e-6)
    assert panel.get_xlabel() == "time (s)"
    assert panel.get_ylabel() == "frequency (kHz)"
    assert panel.get_ylim() == (0, 2.5)
    assert panel.get_xlim() == pytest.approx((0, 0.8))


def test_map_of_sources_names_them(panel: plt.Axes) -> None:
    plots.draw_explanation(panel, explained(torch.ones(2, 4), SOURCE, TIME))
    assert [label.get_text() for label in panel.get_yticklabels()] == ["voice", "drums"]


def test_map_adds_up_a_third_axis(panel: plt.Axes) -> None:
    plots.draw_explanation(panel, explained(torch.ones(2, 3, 4), SOURCE, FREQUENCY, TIME))
    (mesh,) = (drawn for drawn in panel.collections if isinstance(drawn, QuadMesh))
    np.testing.assert_allclose(mesh.get_array(), 1000 / 12, rtol=1e-6)


def test_few_values_are_bars_with_their_interval(panel: plt.Axes) -> None:
    values, error = torch.tensor([0.2, -0.1, 0.0, 0.4]), torch.full((4,), 0.01)
    plots.draw_explanation(panel, explained(values, TIME, error=error))
    bars = [patch for patch in panel.patches if isinstance(patch, Rectangle)]
    assert [bar.get_height() for bar in bars] == pytest.approx(values.tolist())
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx(
        [0.1, 0.3, 0.5, 0.7]
    )
    assert bars[0].get_facecolor() != bars[1].get_facecolor()
    (strokes,) = (drawn for drawn in panel.collections if isinstance(drawn, LineCollection))
    assert strokes.get_segments()[0][:, 1] == pytest.approx([0.2 - 0.0196, 0.2 + 0.0196])
    assert panel.get_ylabel() == "contribution (probability)"


def test_many_values_are_a_curve(panel: plt.Axes) -> None:
    axis = Axis("time", "s", torch.arange(100) / 100)
    plots.draw_explanation(panel, explained(torch.randn(100), axis))
    assert not panel.patches
    assert len(panel.collections) == 2
    assert panel.get_ylabel() == "share (‰)"


@pytest.mark.parametrize("axes", [(FREQUENCY, TIME), (TIME,), (SOURCE,), (SOURCE, TIME)])
def test_nothing_to_show_is_drawn_as_nothing(panel: plt.Axes, axes: tuple[Axis, ...]) -> None:
    zeros = torch.zeros([len(axis.values) for axis in axes])
    plots.draw_explanation(panel, explained(zeros, *axes))
    panel.figure.canvas.draw()
    meshes = [drawn.get_array() for drawn in panel.collections if isinstance(drawn, QuadMesh)]
    bars = [patch.get_height() for patch in panel.patches if isinstance(patch, Rectangle)]
    drawn = np.concatenate([*(mesh.filled(np.nan).flatten() for mesh in meshes), bars])
    assert drawn.tolist() == [0] * zeros.numel()


def test_overview_is_a_picture_of_wave_explanation_and_time(tmp_path: Path) -> None:
    path = tmp_path / "overview.png"
    plots.save_overview(path, torch.randn(800), 1000, explained(torch.randn(3, 4), FREQUENCY, TIME))
    with Image.open(path) as picture:
        assert picture.height > picture.width * 0.8


def test_an_interval_reaches_below_and_above_its_value() -> None:
    """As errorbar takes it; and under the names that `intervals` draws."""
    table = pd.DataFrame({"r": [0.5, 2.0], "r_low": [0.25, 1.0], "r_high": [1.0, 2.5]})
    assert drawing.error_bars(table, "r").tolist() == [[0.25, 1.0], [0.5, 0.5]]
    drawn = drawing.with_interval(table, "r")
    assert drawn[["mean", "ci_low", "ci_high"]].to_numpy().tolist() == [[0.5, 0.25, 1], [2, 1, 2.5]]
