"""Subjects, each recorded with one of three stethoscopes; some of them have a murmur."""

from dataclasses import dataclass
from typing import Literal

from earwitness.synthesis.voices import generator

Murmur = Literal["none", "systolic", "diastolic"]
Shape = Literal["plateau", "diamond", "decrescendo"]
Extra = Literal["none", "third", "fourth", "systolic click", "diastolic click"]


@dataclass(frozen=True)
class Stethoscope:
    """How a database was recorded, and whom it recorded.

    Attributes:
        name: of the database.
        abnormal: share of its subjects that have a murmur.
        band_hz: what passes; beyond, 6 dB per octave are lost.
        noise_db: its own noise, root mean square relative to the peak of S1.
        hum_hz: the mains it stands beside.
    """

    name: str
    abnormal: float
    band_hz: tuple[float, float]
    noise_db: float
    hum_hz: float


STETHOSCOPES = (
    Stethoscope("A", 0.7, (25.0, 420.0), -42.0, 50.0),
    Stethoscope("B", 0.2, (60.0, 300.0), -36.0, 60.0),
    Stethoscope("C", 0.3, (15.0, 160.0), -40.0, 50.0),
)
"""The share of abnormal differs, so that knowing the stethoscope helps: a shortcut."""

TRAITS = {
    "rate_bpm": (50.0, 120.0),
    "jitter": (0.005, 0.03),
    "breaths_hz": (0.2, 0.35),
    "breathing": (0.01, 0.06),
    "pitch": (0.75, 1.3),
    "split": (0.1, 0.35),
    "second_db": (-8.0, 3.0),
    "breath_db": (-50.0, -26.0),
    "rumble_db": (-40.0, -18.0),
    "hum_db": (-65.0, -38.0),
    "rubs_hz": (0.0, 0.3),
    "level_db": (-20.0, -6.0),
}
"""Ranges of a subject's traits, the same for both diagnoses; `Subject` says what they mean."""

STRETCH = 0.08  # a subject's durations, standard deviation of the logarithm
TWICE = 1 / 3  # share of subjects that are recorded twice
EXTRA = 0.3  # share of subjects whose cycle has one more sound


@dataclass(frozen=True)
class Subject:
    """A heart. Of its traits, those that begin with `murmur` are the diagnosis, no others are.

    Attributes:
        identity: "000" and on.
        stethoscope: which recorded it.
        murmur: the state that it fills, or "none".
        murmur_db: at its loudest, root mean square relative to the peak of S1.
        murmur_hz: its band.
        murmur_shape: of its loudness.
        takes: number of recordings.
        extra: an innocent sound in most cycles, never a click in the murmur's state.
        stretch: factors of the durations of S1, systole and S2.
        rate_bpm: cycles a minute.
        jitter: of the length of each cycle, standard deviation of the logarithm.
        breaths_hz: breaths a second.
        breathing: how far the lengths of cycles follow the breath, as a share.
        pitch: factor of all frequencies of the valves.
        split: how far apart the two valves of a sound close, as a share of the sound.
        second_db: S2 relative to S1.
        breath_db: noise of the breath.
        rumble_db: noise below 40 Hz.
        hum_db: of the mains.
        rubs_hz: rubs of the stethoscope a second.
        level_db: the recording's peak.
    """

    identity: str
    stethoscope: Stethoscope
    murmur: Murmur
    murmur_db: float
    murmur_hz: tuple[float, float]
    murmur_shape: Shape
    takes: int
    extra: Extra
    stretch: tuple[float, ...]
    rate_bpm: float
    jitter: float
    breaths_hz: float
    breathing: float
    pitch: float
    split: float
    second_db: float
    breath_db: float
    rumble_db: float
    hum_db: float
    rubs_hz: float
    level_db: float


def subject(number: int, seed: int, murmur_db: tuple[float, float]) -> Subject:
    """One of the subjects of the corpus that `seed` gives, whatever the number of the others.

    Args:
        number: 0 or more; stethoscopes take turns.
        seed: of the whole corpus.
        murmur_db: range of `Subject.murmur_db`.
    """
    rng = generator(seed, number)
    place, turn = divmod(number, len(STETHOSCOPES))
    murmur: Murmur = "systolic" if rng.random() < 0.5 else "diastolic"
    low_hz, width_hz = rng.uniform(60, 120), rng.uniform(80, 180)
    shapes: tuple[Shape, ...] = ("plateau", "diamond", "decrescendo")
    return Subject(
        f"{number:03d}",
        STETHOSCOPES[turn],
        murmur if _is_abnormal(place, STETHOSCOPES[turn].abnormal) else "none",
        float(rng.uniform(*murmur_db)),
        (float(low_hz), float(low_hz + width_hz)),
        shapes[rng.integers(len(shapes))],
        1 + int(rng.random() < TWICE),
        _extra(murmur, rng.random() / EXTRA),
        tuple(map(float, rng.lognormal(0, STRETCH, 3))),
        **{name: float(rng.uniform(*span)) for name, span in TRAITS.items()},
    )


def _is_abnormal(place: int, share: float) -> bool:
    """Spread the share evenly over places, so that a small corpus keeps it as well as it can."""
    return int((place + 1) * share + 0.5) > int(place * share + 0.5)


def _extra(murmur: Murmur, drawn: float) -> Extra:
    """The innocent sound; a click keeps out of the murmur's state, had the subject a murmur."""
    click: Extra = "diastolic click" if murmur == "systolic" else "systolic click"
    kinds: tuple[Extra, ...] = ("third", "fourth", click)
    return kinds[int(drawn * len(kinds))] if drawn < 1 else "none"
