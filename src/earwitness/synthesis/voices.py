"""Sixty voices with AudioMNIST's identities and sexes; the sex decides the pitch alone."""

from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator, SeedSequence, default_rng

from earwitness.errors import InputError

Sex = Literal["female", "male"]

SPEAKERS = tuple(f"{number:02d}" for number in range(1, 61))
WOMEN = frozenset(["12", "26", "28", "36", "43", "47", "52", "56", "57", "58", "59", "60"])
PITCH_HZ: dict[Sex, tuple[float, float]] = {"female": (168, 250), "male": (88, 150)}
TRAITS = {
    "formant_scale": (0.84, 1.18),
    "tempo": (0.85, 1.15),
    "level_db": (-18.0, -3.0),
    "breath": (0.02, 0.2),
    "tilt_hz": (900.0, 2200.0),
    "background_db": (-55.0, -28.0),
    "reduction": (0.0, 0.4),
}
"""Ranges of a voice's traits, the same for both sexes; `Speaker` says what they mean."""

ACCENT = 0.08  # a speaker's formants, each up or down by this share


@dataclass(frozen=True)
class Speaker:
    """A voice. Of its traits, the sex decides the range of `f0_hz` and nothing else.

    Attributes:
        identity: "01" to "60", as in AudioMNIST.
        sex: "female" or "male", as in AudioMNIST.
        f0_hz: mean pitch over all that the speaker says.
        accent: factors of the three formants, beside the common `formant_scale`.
        formant_scale: factor of all formants and noise bands, as a shorter vocal tract has it.
        tempo: factor of all durations.
        level_db: peak of a clip, dB below full scale.
        breath: amplitude of the breath noise in the voice, relative to the pulses.
        tilt_hz: the voice's spectrum falls by 8.7 dB per so many Hz.
        background_db: background noise relative to a clip's peak.
        reduction: how far the vowels fall short of their targets, 0 (not) to 1 (all neutral).
    """

    identity: str
    sex: Sex
    f0_hz: float
    accent: tuple[float, ...]
    formant_scale: float
    tempo: float
    level_db: float
    breath: float
    tilt_hz: float
    background_db: float
    reduction: float


def speaker(identity: str, seed: int) -> Speaker:
    """One of the sixty voices of the corpus that `seed` gives.

    Raises:
        InputError: if `identity` is not one of `SPEAKERS`.
    """
    if identity not in SPEAKERS:
        raise InputError(f"unknown speaker {identity!r}: give one of '01' to '60'")
    rng = generator(seed, int(identity))
    sex: Sex = "female" if identity in WOMEN else "male"
    height, *accent = rng.random(), *rng.uniform(1 - ACCENT, 1 + ACCENT, 3)
    low, high = PITCH_HZ[sex]
    traits = {name: float(rng.uniform(*span)) for name, span in TRAITS.items()}
    return Speaker(identity, sex, low + height * (high - low), tuple(map(float, accent)), **traits)


def generator(*key: int) -> Generator:
    """A random generator of its own for each key."""
    # The length goes first because SeedSequence takes (1, 2) and (1, 2, 0) for the same entropy.
    return default_rng(SeedSequence((len(key), *key)))
