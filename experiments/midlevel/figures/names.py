"""Display names of rankings, ratings and dividers of songs."""

from earwitness.explain.shapley import Shapley
from experiments.midlevel.answers import SCHEMES
from experiments.midlevel.checks.faithfulness import RANDOM
from experiments.midlevel.components import LOUDNESS

RANKINGS = {
    **{key: f"{Shapley.name} of {scheme}" for key, scheme in SCHEMES.items()},
    LOUDNESS: "loudness (control)",
    RANDOM: "at random",
}
BY = {
    "time": "eight segments of time",
    "frequency": "eight bands of frequency",
    "sources": "sources",
    "features": "features",
}
"""Dividers of songs."""


def rating(name: str) -> str:
    """The display name of a rating."""
    return name.replace("_", " ")


def explained(model: str, of: str) -> str:
    """The display name of the explanation of a rating by a network, or of a control."""
    return f"{SCHEMES[model]}, {rating(of)}" if model in SCHEMES else RANKINGS[model]
