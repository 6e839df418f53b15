"""Music synthesised from seven perceptual attributes, each audible in one known source.

Four sources play ten seconds or so: a melody, chords, a bass and drums. Each attribute, from 0 to
1, changes one thing in one of them:

| attribute | source | what changes |
|---|---|---|
| minorness | chords | the third is minor rather than major (how loud each is) |
| tonal_stability | chords | how often the harmony leaves its key |
| dissonance | chords | semitones and tritones that are added, during one passage only |
| rhythm_stability | drums | how near to the beat strokes fall |
| rhythm_complexity | drums | how many strokes there are between the beats |
| articulation | bass | how short notes are |
| melodiousness | melody | how loud it sings, and how stepwise |

In another passage octaves and fifths are added instead, however dissonant the song is, so that what
is loud or dense does not tell where it is dissonant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

SOURCES = ("melody", "chords", "bass", "drums")
HEARD_IN = {
    "minorness": "chords",
    "tonal_stability": "chords",
    "dissonance": "chords",
    "rhythm_stability": "drums",
    "rhythm_complexity": "drums",
    "articulation": "bass",
    "melodiousness": "melody",
}
"""Attribute -> the source in which it is audible."""
CHORDS_HZ = (250.0, 1600.0)
"""Between these the chords lie, with what is dissonant in them."""
PASSAGE = 0.4
"""Share of the song during which it is dissonant, and of that which is made denser instead."""
CONSONANCE = (1.0, 2.5)
"""How loud octaves and fifths are in the denser passage; a song draws its own."""
LEVEL = np.float32(0.7)
"""Of all sources, so that their sum stays below full scale."""
BEATS_A_BAR = 4
IN_KEY = (0, 5, 7)
"""Roots of the chords of a key, in semitones: tonic, subdominant, dominant."""
MIDDLE_C_HZ = 261.63

Passage = tuple[float, float]
"""Start and end, in s."""


@dataclass(frozen=True)
class Song:
    """What was synthesised.

    Attributes:
        stems: `(sources, samples)`, float32; their sum is the song and stays below full scale.
        passage: start and end of the dissonant passage, in s.
        denser: the same of the passage with octaves and fifths.
    """

    stems: np.ndarray
    passage: Passage
    denser: Passage


@dataclass(frozen=True)
class _Stage:
    """What a source plays on: time and beats, which all share, and randomness of its own."""

    samples: int
    rate: int
    beat_s: float
    random: np.random.Generator

    @property
    def beats(self) -> np.ndarray:
        """Times of the beats `(beats,)`, in s."""
        return np.arange(0, self.samples / self.rate - 0.1, self.beat_s)

    def empty(self) -> np.ndarray:
        """Return silence `(samples,)`."""
        return np.zeros(self.samples)

    def add(self, track: np.ndarray, onset_s: float, sound: np.ndarray) -> None:
        """Add `sound` `(length,)` to `track` `(samples,)` from `onset_s`, cut off at the end."""
        start = max(0, round(onset_s * self.rate))
        room = track[start : start + len(sound)]
        room += sound[: len(room)]


def synthesise(
    attributes: Mapping[str, float],
    seed: int,
    seconds: float,
    rate: int,
    passages: tuple[Passage, Passage] | None = None,
) -> Song:
    """Make a song of attributes in [0, 1]; the same seed makes the same song.

    `passages` are the dissonant one and the denser one, in s; drawn where they are not given.
    """
    random, *own = np.random.default_rng(seed).spawn(1 + len(SOURCES))
    shared = round(seconds * rate), rate, 60 / random.uniform(110, 130)
    melody, chords, bass, drums = (_Stage(*shared, each) for each in own)
    tonic = int(random.integers(12))
    starts = random.permutation([0, 0.5]) + random.uniform(0, 0.5 - PASSAGE, size=2)
    drawn = [(start * seconds, (start + PASSAGE) * seconds) for start in starts.tolist()]
    passage, denser = passages or drawn
    tracks = {
        "melody": _melody(melody, tonic, attributes["melodiousness"]),
        "chords": _chords(chords, tonic, attributes, passage, denser),
        "bass": _bass(bass, tonic, attributes["articulation"]),
        "drums": _drums(drums, attributes["rhythm_stability"], attributes["rhythm_complexity"]),
    }
    stems = LEVEL * np.stack([tracks[source] for source in SOURCES]).astype(np.float32)
    return Song(stems, passage, denser)


def _melody(stage: _Stage, tonic: int, melodiousness: float) -> np.ndarray:
    """A voice above the chords: steps of a pentatonic scale, or leaps; loud, or hardly there."""
    scale = np.array([0, 2, 5, 7, 9])
    track, place = stage.empty(), 5
    for onset in stage.beats:
        stepwise = stage.random.random() < melodiousness
        move = stage.random.choice([-1, 1]) if stepwise else stage.random.integers(-7, 8)
        place = int(np.clip(place + move, 0, 9))
        semitone = tonic + 24 + 12 * (place // 5) + scale[place % 5]
        note = _tone(stage, semitone, 0.9 * stage.beat_s, brightness=1, vibrato=0.012)
        stage.add(track, onset, 0.02 * note + 0.20 * melodiousness * note)
    return track


def _chords(
    stage: _Stage,
    tonic: int,
    attributes: Mapping[str, float],
    passage: Passage,
    denser: Passage,
) -> np.ndarray:
    """Held chords: how minor, how often out of key, and with what is dissonant in a passage."""
    track, root = stage.empty(), tonic
    minor, dissonance = attributes["minorness"], attributes["dissonance"]
    consonance = stage.random.uniform(*CONSONANCE)
    for index, onset in enumerate(stage.beats):
        if stage.random.random() < 1 - attributes["tonal_stability"]:
            root = int(stage.random.integers(12))
        elif index % (2 * BEATS_A_BAR) == 0:
            root = tonic + int(stage.random.choice(IN_KEY))
        added = dissonance * (passage[0] <= onset < passage[1])
        octaves = consonance * (denser[0] <= onset < denser[1])
        voices = {0: 1.0, 3: minor, 4: 1 - minor, 7: 1.0, 1: added, 6: added, 8: added}
        voices |= {12: octaves, 19: octaves, 24: octaves}
        for interval, level in voices.items():
            if level:
                note = _tone(stage, root % 12 + interval, stage.beat_s, brightness=2)
                stage.add(track, onset, 0.06 * level * note)
    return track


def _bass(stage: _Stage, tonic: int, articulation: float) -> np.ndarray:
    """Roots two octaves below on every beat, held or cut short."""
    track = stage.empty()
    for onset in stage.beats:
        note = _tone(stage, tonic - 24, (1 - 0.9 * articulation) * stage.beat_s, brightness=3)
        stage.add(track, onset, 0.22 * note)
    return track


def _drums(stage: _Stage, stability: float, complexity: float) -> np.ndarray:
    """A stroke on every beat, and as many between them as the rhythm is complex."""
    track, beats = stage.empty(), stage.beats
    between = (beats[:, None] + stage.beat_s * np.array([0.25, 0.5, 0.75])).ravel()
    extra = stage.random.choice(between, round(complexity * len(between)), replace=False)
    for onset, level in [*((b, 0.3) for b in beats), *((e, 0.18) for e in np.sort(extra))]:
        late = stage.random.normal(0, 0.1 * (1 - stability))
        stage.add(track, onset + late, level * _stroke(stage))
    return track


def _stroke(stage: _Stage) -> np.ndarray:
    """A burst of high noise."""
    time = np.arange(round(0.06 * stage.rate)) / stage.rate
    noise = np.diff(stage.random.normal(0, 0.4, len(time) + 1))
    return noise * np.exp(-time / 0.012)


def _tone(
    stage: _Stage, semitone: int, seconds: float, brightness: int, vibrato: float = 0.0
) -> np.ndarray:
    """A note with an attack of 10 ms and a soft end, `semitone` steps above middle C."""
    time = np.arange(round(seconds * stage.rate)) / stage.rate
    frequency = MIDDLE_C_HZ * 2 ** (semitone / 12) * np.ones(len(time))
    if vibrato:
        frequency = frequency * (1 + vibrato * np.sin(2 * np.pi * 5.5 * time))
    turns = np.cumsum(frequency) / stage.rate
    table = _cycle(brightness)
    attack, release = (time / 0.01).clip(max=1), ((seconds - time) / 0.03).clip(0, 1)
    return table[(turns % 1 * len(table)).astype(int)] * attack * release


@cache
def _cycle(brightness: int) -> np.ndarray:
    """One cycle of a tone whose harmonics fall off the faster, the less `brightness` it has."""
    phase = 2 * np.pi * np.arange(8192) / 8192
    wave = sum(np.sin(k * phase) / k ** (3 / brightness) for k in range(1, 5))
    return np.asarray(wave) / np.abs(wave).max()
