"""Synthesised hearts: states that are heard where they are said, murmurs in their state alone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from earwitness.errors import InputError
from earwitness.sound.heart_cycle import STATES
from earwitness.synthesis.heart import Recording, synthesise
from earwitness.synthesis.subjects import Subject, subject

RATE = 1000
LEVELS = (-12.0, -8.0)
PEOPLE = [subject(number, 5, LEVELS) for number in range(60)]


def some(murmur: str) -> list[Subject]:
    """Three subjects with a murmur, or three without."""
    return [person for person in PEOPLE if person.murmur == murmur][:3]


def record(person: Subject, take: int = 0) -> Recording:
    return synthesise(person, take, 5, 8.0)


def track(made: Recording) -> np.ndarray:
    """The state at each sample."""
    found = np.zeros(len(made.wave), dtype=int)
    for start, end, number in made.beats.segments():
        found[round(start * RATE) : round(end * RATE)] = number
    return found


def test_states_cover_the_recording_in_their_order() -> None:
    for person in PEOPLE[:20]:
        segments = record(person).beats.segments()
        starts, ends, numbers = map(np.array, zip(*segments, strict=True))
        assert starts[0] == 0
        assert ends[-1] == pytest.approx(len(record(person).wave) / RATE)
        assert np.allclose(starts[1:], ends[:-1])
        assert (np.diff(numbers) % len(STATES) == 1).all()


def test_the_sounds_are_louder_than_what_is_between_them() -> None:
    """In the band of the valves, in nearly every normal heart."""
    band = butter(4, (25, 120), "bandpass", fs=RATE, output="sos")
    louder = []
    for person in [p for p in PEOPLE if p.murmur == "none"][:15]:
        made = record(person)
        power, state = sosfiltfilt(band, made.wave) ** 2, track(made)
        levels = [power[state == number].mean() for number in range(1, 5)]
        louder.append(levels[0] > max(levels[1], levels[3]) and levels[2] > levels[3])
    assert np.mean(louder) > 0.8


@pytest.mark.parametrize("murmur", ["systolic", "diastolic"])
def test_a_murmur_is_in_its_state_and_band_alone(murmur: str) -> None:
    """What is left of the same recording without it."""
    state = 1 + STATES.index(murmur.replace("ic", "e") if murmur == "systolic" else "diastole")
    for person in some(murmur):
        made, quiet = record(person), record(replace(person, murmur="none"))
        assert len(quiet.murmurs) == 0
        mine, theirs = made.wave.astype(float), quiet.wave.astype(float)
        loudest = np.abs(mine).max()
        # Levels differ by one factor; where there is no murmur the two are the same but for it.
        elsewhere = np.convolve(track(made) == state, np.ones(101), "same") == 0
        factor = (mine[elsewhere] @ theirs[elsewhere]) / (theirs[elsewhere] @ theirs[elsewhere])
        murmuring = mine - factor * theirs
        assert np.abs(murmuring[elsewhere]).max() < 0.05 * loudest
        inside = murmuring[track(made) == state]
        assert (inside**2).mean() > 20 * (murmuring[elsewhere] ** 2).mean()
        power = np.abs(np.fft.rfft(murmuring)) ** 2
        f = np.fft.rfftfreq(len(murmuring), 1 / RATE)
        low, high = person.murmur_hz
        assert power[(f > low - 30) & (f < high + 30)].sum() > 0.75 * power.sum()


def test_the_same_arguments_give_the_same_recording() -> None:
    """Whatever was made before; another take or seed gives another."""
    first = record(PEOPLE[3])
    record(PEOPLE[4])
    assert np.array_equal(first.wave, record(PEOPLE[3]).wave)
    assert not np.array_equal(first.wave[:5000], record(PEOPLE[3], 1).wave[:5000])


def test_the_diagnosis_is_not_in_anything_else() -> None:
    """Traits have like means in both; the stethoscope has not, which is the shortcut."""
    many = [subject(number, 1, LEVELS) for number in range(600)]
    abnormal = np.array([person.murmur != "none" for person in many])
    for trait in ("rate_bpm", "level_db", "pitch"):
        values = np.array([getattr(person, trait) for person in many])
        gap = values[abnormal].mean() - values[~abnormal].mean()
        error = values.std() * np.sqrt(1 / abnormal.sum() + 1 / (~abnormal).sum())
        assert abs(gap) < 4 * error
    names = np.array([person.stethoscope.name for person in many])
    shares = [abnormal[names == name].mean() for name in sorted(set(names))]
    assert max(shares) - min(shares) > 0.3


def test_too_short_and_too_slow_are_refused() -> None:
    with pytest.raises(InputError, match="hold no two cycles"):
        synthesise(PEOPLE[0], 0, 5, 1.0)
    with pytest.raises(InputError, match="give 1000 or more"):
        synthesise(PEOPLE[0], 0, 5, 8.0, 500)
