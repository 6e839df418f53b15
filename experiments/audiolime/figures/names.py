"""What figures call taggers, and how clips are divided."""

from experiments.audiolime.tables.same_tag import TAGGER_NAMES

METHODS = {
    "audiolime": "audioLIME, estimated sources",
    "true_stems": "audioLIME, true stems",
    "harmonic_percussive": "audioLIME, harmonic and percussive",
    "slime": "SLIME, bands",
    "audiolime_noise": "noise where a component is off",
    "audiolime_other": "another track where it is off",
    "shapley": "Shapley values",
}
INTERVALS = "95 % intervals over artists or songs"


def tagger(name: str) -> str:
    """A tagger, as drawn."""
    return TAGGER_NAMES[name]


def method(name: str) -> str:
    """A way to divide a clip, as drawn."""
    return METHODS[name]
