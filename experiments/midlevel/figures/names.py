"""What figures call schemes, ratings and parts of songs."""

from experiments.midlevel.answers import SCHEMES
from experiments.midlevel.checks.faithfulness import RANDOM
from experiments.midlevel.components import LOUDNESS

RANKINGS = {
    "a2e": "Shapley values of A2E",
    "joint": "Shapley values of A2Mid2E-Joint",
    LOUDNESS: "loudness (control)",
    RANDOM: "at random",
}
BY = {
    "time": "eight segments of time",
    "frequency": "eight bands of frequency",
    "sources": "sources",
    "features": "features",
}
"""How songs are divided."""


def rating(name: str) -> str:
    """A rating, as drawn."""
    return name.replace("_", " ")


def explained(model: str, of: str) -> str:
    """An explanation of one rating by one network, as drawn."""
    return f"{SCHEMES[model]}, {rating(of)}" if model in SCHEMES else RANKINGS[model]
