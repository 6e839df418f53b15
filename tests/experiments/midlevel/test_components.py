import torch
from torch import nn

from earwitness.explain.components import Components
from earwitness.explain.explanation import Axis
from earwitness.explain.model import AudioModel
from earwitness.models.emotion import Columns, Direct, FeatureTrunk
from experiments.midlevel.components import Features, loudness

NAMES = ("RMS", "flux", "rolloff")


def model() -> AudioModel:
    """A black box over three features whose training songs had means 1, 2 and 3."""
    network = Direct(lambda: FeatureTrunk(3, 4), midlevel=0, emotions=2, rows=3)
    network.standardised.learn([torch.tensor([[1.0], [2.0], [3.0]]) + shift for shift in (-1, 1)])
    frontend = nn.Unflatten(1, (-1, 1))
    return AudioModel(Columns(network), ["happy", "sad"], 1, frontend, activation="rating")


def test_a_feature_that_is_off_is_at_its_mean() -> None:
    """Each by itself, under its name."""
    components = Features(NAMES)(model(), torch.tensor([9.0, 8.0, 7.0]))
    assert components.axes[0].labels == NAMES
    masks = torch.tensor([[True, True, True], [False, True, True], [False, False, False]])
    found = components.render(masks)[:, :, 0]
    assert found.tolist() == [[9, 8, 7], [1, 8, 7], [1, 2, 3]]


def test_loudness_is_what_is_missing_when_a_part_is_off() -> None:
    """Of parts of one number each, that number."""
    parts = torch.tensor([0.5, -2.0, 0.0])
    components = Components(3, (Axis.of_names("part", "abc"),), lambda masks: masks.float() * parts)
    assert loudness(components).tolist() == [0.5, 2.0, 0.0]
