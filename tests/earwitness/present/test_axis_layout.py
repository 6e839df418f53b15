"""Where values are drawn along axes."""

import numpy as np
import torch

from earwitness.explain.explanation import Axis
from earwitness.present.axis_layout import axis_edges


def test_named_entries_have_rows_of_one_height() -> None:
    """The first is not cut at zero, as a place in time or frequency is."""
    sources = Axis.of_names("source", ["melody", "bass"])
    seconds = Axis("time", "s", torch.tensor([0.5, 1.5]))
    np.testing.assert_allclose(axis_edges(sources), [-0.5, 0.5, 1.5])
    np.testing.assert_allclose(axis_edges(seconds), [0, 1, 2])
    begin = Axis("time", "s", torch.tensor([0.0, 1.0]))
    np.testing.assert_allclose(axis_edges(begin), [0, 0.5, 1.5])
