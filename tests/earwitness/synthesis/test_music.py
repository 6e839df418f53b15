from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import find_peaks

from earwitness.synthesis.music import HEARD_IN, SOURCES, Song, synthesise

RATE = 22050


def song(seed: int = 3, seconds: float = 8.0, **changed: float) -> Song:
    """A song in the middle of all attributes but those changed."""
    return synthesise(dict.fromkeys(HEARD_IN, 0.5) | changed, seed, seconds, RATE)


def stem(made: Song, source: str) -> np.ndarray:
    """What one source plays."""
    return made.stems[SOURCES.index(source)]


def power(wave: np.ndarray) -> float:
    """Mean square."""
    return float((wave**2).mean())


def strokes(**changed: float) -> np.ndarray:
    """Times of the peaks of the drums' envelope in 10 s, in s; none is within 50 ms of another."""
    drums = np.abs(stem(song(seconds=10.0, **changed), "drums"))
    envelope = np.convolve(drums, np.ones(110) / 110, mode="same")
    return find_peaks(envelope, height=0.1 * envelope.max(), distance=RATE // 20)[0] / RATE


@pytest.mark.parametrize("attribute", HEARD_IN)
def test_an_attribute_changes_its_own_source_and_no_other(attribute: str) -> None:
    """The other three play the very same samples."""
    low, high = (song(**{attribute: value}) for value in (0.2, 0.9))
    for source in SOURCES:
        same = np.array_equal(stem(low, source), stem(high, source))
        assert same == (source != HEARD_IN[attribute])


def test_the_same_seed_makes_the_same_song() -> None:
    """To the sample; another seed makes another."""
    assert np.array_equal(song(5).stems, song(5).stems)
    assert not np.array_equal(song(5).stems, song(6).stems)


def test_songs_stay_below_full_scale() -> None:
    """Whatever their attributes, and no source is silent."""
    random = np.random.default_rng(0)
    for seed in range(50):
        made = synthesise(dict(zip(HEARD_IN, random.uniform(0, 1, 7))), seed, 4.0, RATE)
        assert np.abs(made.stems.sum(axis=0)).max() < 1
        assert made.stems.any(axis=1).all()


def test_extreme_songs_stay_below_full_scale() -> None:
    """Loud melody, long bass, full chords, and strokes that fall on each other."""
    loudest = dict.fromkeys(HEARD_IN, 1.0) | {"articulation": 0.0, "rhythm_stability": 0.0}
    for seed in range(5):
        assert np.abs(song(seed, **loudest).stems.sum(axis=0)).max() < 1


def test_melodious_songs_have_a_louder_melody() -> None:
    """As planted: in proportion to 0.02 + 0.2 of the attribute, whatever the notes are."""
    levels = [power(stem(song(melodiousness=value), "melody")) ** 0.5 for value in (0.1, 0.5, 0.9)]
    assert np.array(levels) / levels[0] == pytest.approx([1, 3, 5], rel=0.15)


def test_articulated_basses_are_shorter() -> None:
    """A note lasts a beat less nine tenths of the attribute."""

    def sounding(articulation: float) -> float:
        bass = np.abs(stem(song(articulation=articulation), "bass"))
        periods = bass[: len(bass) // 350 * 350].reshape(-1, 350).max(axis=1)
        return float((periods > 0.01).mean())

    shares = [sounding(value) for value in (0.1, 0.5, 0.9)]
    assert shares == pytest.approx([0.91, 0.55, 0.19], abs=0.06)


def test_complex_rhythms_have_more_strokes() -> None:
    """Up to three between two beats; all are heard where the rhythm is stable."""
    on_the_beat, *others = (
        len(strokes(rhythm_stability=1.0, rhythm_complexity=value)) for value in (0.0, 0.5, 1.0)
    )
    assert 18 <= on_the_beat <= 22
    assert others == pytest.approx([2.5 * on_the_beat, 4 * on_the_beat], abs=2)


def test_unstable_rhythms_miss_the_beat() -> None:
    """By 0.1 s times what they lack of stability, as a standard deviation."""
    beats = strokes(rhythm_stability=1.0, rhythm_complexity=0.0)
    assert np.diff(beats) == pytest.approx(np.full(len(beats) - 1, np.diff(beats).mean()), abs=0.01)
    for stability in (0.9, 0.6):
        late = strokes(rhythm_stability=stability, rhythm_complexity=0.0) - beats
        assert late[1:].std() == pytest.approx(0.1 * (1 - stability), rel=0.4)


def test_stable_rhythms_fall_on_the_beat() -> None:
    """Onsets of a stable rhythm without strokes between repeat after a beat."""

    def regularity(stability: float) -> float:
        drums = stem(song(rhythm_stability=stability, rhythm_complexity=0.0, seconds=10), "drums")
        envelope = np.abs(drums[: len(drums) // 220 * 220]).reshape(-1, 220).sum(axis=1)
        envelope = envelope - envelope.mean()
        shifted = [float((envelope[:-lag] * envelope[lag:]).sum()) for lag in range(40, 60)]
        return max(shifted) / float((envelope**2).sum())

    assert regularity(1.0) > 0.8
    assert regularity(0.1) < 0.5


def test_dissonance_is_in_its_passage_alone() -> None:
    quiet, rough = song(dissonance=0.0), song(dissonance=1.0)
    added = np.abs(stem(rough, "chords") - stem(quiet, "chords"))
    start, end = (round(time * RATE) for time in rough.passage)
    beat = RATE * 60 // 110
    assert not added[: max(0, start)].any()
    assert not added[end + beat :].any()
    assert added[start + beat : end - beat].any()


def test_the_more_dissonant_the_louder_is_its_passage() -> None:
    """And no louder before or after it."""
    levels = []
    for value in (0.0, 0.5, 1.0):
        made = song(dissonance=value)
        start, end = (round(time * RATE) for time in made.passage)
        levels.append(power(stem(made, "chords")[start:end]))
    assert levels[0] < levels[1] < levels[2]


def test_another_passage_is_as_dense_whatever_the_dissonance() -> None:
    """It does not overlap the dissonant one, and both are equally long."""
    for seed in range(20):
        made = song(seed, 4.0)
        first, second = sorted([made.passage, made.denser])
        assert 0 <= first[0] < first[1] <= second[0] < second[1] <= 4.0
        lengths = [end - start for start, end in (made.passage, made.denser)]
        assert lengths == pytest.approx([1.6, 1.6])


def test_minor_songs_have_minor_thirds() -> None:
    """What a minor song has and a major one lacks is a semitone below what it lacks."""

    def pitches(minorness: float) -> np.ndarray:
        made = song(1, 4.0, minorness=minorness, tonal_stability=1.0, dissonance=0.0)
        spectrum = np.abs(np.fft.rfft(stem(made, "chords")))
        hertz = np.fft.rfftfreq(made.stems.shape[1], 1 / RATE)
        pitch = 12 * np.log2(np.maximum(hertz, 1) / 261.63)
        return np.array([spectrum[np.abs(pitch - step) < 0.3].max() for step in range(19)])

    minor, major = pitches(1.0), pitches(0.0)
    gained, lost = np.flatnonzero(minor > 3 * major), np.flatnonzero(major > 3 * minor)
    assert len(gained) >= 1
    assert set(gained + 1) <= set(lost)


def test_stable_songs_keep_their_harmony() -> None:
    """The chroma of successive seconds is alike where a song is stable."""

    def likeness(stability: float) -> float:
        chords = stem(song(2, 10.0, tonal_stability=stability, dissonance=0.0), "chords")
        frames = np.abs(np.fft.rfft(chords[: 20 * (RATE // 2)].reshape(20, -1), axis=1))
        return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairwise(frames)]))

    assert likeness(1.0) > likeness(0.0) + 0.2
