"""Scaled voices as they are drawn: in dB, of clips that stand for the others."""

import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.image import imread
from omegaconf import DictConfig
from torch import nn

from earwitness.corpora.labels import SEXES
from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, GammatoneSpectrogram
from experiments.audiomnist.figures import frequency_manipulation as figure
from reproduction import config


def test_the_figure_is_a_picture_with_something_on_it(run: DictConfig) -> None:
    folder = config.paper_folder(run, "results") / "figures"
    picture = imread(folder / "frequency_manipulation.png")
    assert min(picture.shape[:2]) > 200
    assert picture[..., :3].std() > 0.05


def test_the_clip_shown_has_the_answer_in_the_middle() -> None:
    answers = pd.DataFrame({"file": list("abcde"), "p_female": [0.9, 0.1, 0.4, 0.2, 0.7]})
    assert figure.median(answers).file == "c"


@pytest.mark.parametrize(
    "frontend", [DecibelSpectrogram(offset=40.0, scale=0.025), GammatoneSpectrogram()]
)
def test_the_input_is_drawn_in_decibels(frontend: nn.Module) -> None:
    """Whatever the network is given instead: from the floor to the maximum of the clip."""
    model = AudioModel(nn.Flatten(), SEXES, 8000, frontend, samples=8000)
    given = frontend(torch.sin(torch.arange(8000.0))[None])[0, 0]
    panel = Figure().subplots()
    figure.draw_input(panel, model, given)
    drawn = panel.collections[0].get_array()
    assert drawn.shape == given.shape
    assert drawn.max() == pytest.approx(0, abs=1e-4)
    assert drawn.min() >= -80 - 1e-4
