"""Figures of a run, and the sums that curves show."""

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from omegaconf import DictConfig

from earwitness.explain.explanation import Axis, Explanation
from experiments.audiomnist import explain
from experiments.audiomnist.figures import relevance
from experiments.audiomnist.figures.__main__ import choose_shown
from reproduction import config

NAMES = (
    "accuracy",
    "relevance_spectrogram",
    "relevance_waveform",
    "relevance_time_frequency",
    "relevance_over_time",
    "relevance_over_frequency",
    "class_average_digit",
    "class_average_sex",
    "randomisation",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_a_picture_with_something_on_it(run: DictConfig, name: str) -> None:
    picture = imread(config.paper_folder(run, "results") / "figures" / f"{name}.png")
    assert min(picture.shape[:2]) > 200
    assert picture[..., :3].std() > 0.05


def test_shares_of_bins_add_up_and_keep_their_places() -> None:
    values = torch.tensor([1.0, 1.0, 2.0, 0.0, 4.0])
    axis = Axis("time", "s", torch.tensor([0.0, 0.01, 0.03, 0.05, 0.09]))
    explanation = Explanation(values, (axis,), "digit 1", 0.5, "LRP", {}, 0.0)
    middles, share = relevance.share_per_bin(explanation, 0.025)
    assert middles.tolist() == pytest.approx([0.0125, 0.0375, 0.0625, 0.0875])
    assert share.tolist() == pytest.approx([0.25, 0.25, 0.0, 0.5])


def test_no_relevance_gives_zeros_not_nan() -> None:
    axis = Axis("time", "s", torch.tensor([0.0, 0.03]))
    nothing = Explanation(torch.zeros(2), (axis,), "digit 1", 0.5, "LRP", {}, 0.0)
    assert np.array_equal(relevance.share_per_bin(nothing, 0.025)[1], [0.0, 0.0])


def test_one_clip_of_each_kind_is_shown(run: DictConfig) -> None:
    explained = explain.store(run).read()
    shown = choose_shown(explained)
    kinds = [clip.explanation("sex", "alexnet", "lrp").target for clip in shown]
    assert len(kinds) == len(set(kinds))
    assert shown[0] is explained[0]
