import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.errors import InputError
from experiments.audiolime.explain import audio_model
from reproduction import config


def test_clips_are_gathered(run: DictConfig) -> None:
    """Of both taggers, with the tag that is explained and its probability."""
    clips = pd.read_csv(config.paper_folder(run, "runs") / "clips.csv")
    assert clips.groupby("tagger").size().to_dict() == {"musicnn": 3, "samplecnn": 3}
    assert clips.tag.isin(run.tags).all()
    assert clips.probability.between(0, 1).all()


def test_a_trained_tagger_can_be_explained(run: DictConfig) -> None:
    """By anybody, on a recording of their own; other jobs are refused."""
    model = audio_model(run, "taggers/samplecnn/0")
    assert model.classes == tuple(run.tags)
    assert model(torch.zeros(1, 59049)).shape == (1, 4)
    with pytest.raises(InputError, match="separation/open_unmix/0: trains no tagger; choose"):
        audio_model(run, "separation/open_unmix/0")
