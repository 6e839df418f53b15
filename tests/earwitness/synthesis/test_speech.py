"""The spoken digits: what was planted is there, and there only."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import stft
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from earwitness.errors import InputError
from earwitness.synthesis.regions import HARMONICS, Label, Region
from earwitness.synthesis.score import SECONDS
from earwitness.synthesis.speech import Clip, synthesise
from earwitness.synthesis.voices import PITCH_HZ, SPEAKERS, TRAITS, WOMEN, speaker

Array = NDArray[np.float64]
RATE = 8000
DIGITS = range(10)
VOICES = ("12", "26", "36", "57", "01", "07", "25", "44")
TRAINING = ("28", "43", "47", "52", "02", "03", "19", "33", "41", "60")


def spoken(identities: Iterable[str], repetitions: int = 1) -> list[tuple[int, str, Clip]]:
    """Digit, speaker and clip of every utterance of the speakers."""
    return [utterance for identity in identities for utterance in _spoken(identity, repetitions)]


@cache
def _spoken(identity: str, repetitions: int) -> list[tuple[int, str, Clip]]:
    voice = speaker(identity, 0)
    takes = [(digit, take) for digit in DIGITS for take in range(repetitions)]
    return [(digit, identity, synthesise(digit, voice, take, 0)) for digit, take in takes]


def power(clip: Clip, window: int) -> tuple[Array, Array, Array]:
    """Spectrogram: frequencies (bins,) in Hz, times (frames,) in s, power (bins, frames)."""
    frequencies, times, spectrum = stft(clip.wave, RATE, nperseg=window, noverlap=3 * window // 4)
    return frequencies, times, np.abs(spectrum) ** 2


def covered(regions: Iterable[Region], frequencies: Array, times: Array) -> NDArray[np.bool_]:
    """Which cells (bins, frames) have their centre in a region."""
    mask = np.zeros((len(frequencies), len(times)), dtype=bool)
    for region in regions:
        rows = (region.low_hz <= frequencies) & (frequencies <= region.high_hz)
        mask |= rows[:, None] & (region.onset_s <= times) & (times <= region.offset_s)
    return mask


def labelled(clip: Clip, label: Label) -> list[Region]:
    """The evidence of a clip for one label."""
    return [region for region in clip.regions if region.label == label]


def test_same_arguments_same_clip_in_any_order() -> None:
    voice, other = speaker("07", 3), speaker("12", 3)
    first = synthesise(4, voice, 1, 3)
    for digit in DIGITS:
        synthesise(digit, other, 0, 3)
    again = synthesise(4, speaker("07", 3), 1, 3)
    np.testing.assert_array_equal(first.wave, again.wave)
    assert (first.regions, first.f0_hz) == (again.regions, again.f0_hz)


@pytest.mark.parametrize(
    ("digit", "identity", "repetition", "seed"),
    [(5, "07", 1, 3), (4, "08", 1, 3), (4, "07", 0, 3), (4, "07", 1, 4)],
)
def test_each_argument_changes_the_clip(
    digit: int, identity: str, repetition: int, seed: int
) -> None:
    first = synthesise(4, speaker("07", 3), 1, 3)
    other = synthesise(digit, speaker(identity, seed), repetition, seed)
    assert not np.array_equal(first.wave, other.wave)


def test_speakers_and_sexes_are_those_of_audiomnist() -> None:
    assert len(SPEAKERS) == 60
    women = {identity for identity in SPEAKERS if speaker(identity, 0).sex == "female"}
    assert women == WOMEN
    assert len(women) == 12


def test_pitch_of_a_speaker_is_within_the_range_of_the_sex() -> None:
    for identity in SPEAKERS:
        voice = speaker(identity, 1)
        low, high = PITCH_HZ[voice.sex]
        assert low <= voice.f0_hz <= high


def test_sex_is_in_the_pitch_and_in_no_other_trait() -> None:
    voices = [speaker(identity, seed) for seed in range(20) for identity in SPEAKERS]
    sexes = [voice.sex == "female" for voice in voices]
    traits = [[*voice.accent, *(getattr(voice, name) for name in TRAITS)] for voice in voices]
    pitches = [[voice.f0_hz] for voice in voices]
    assert _separation(traits, sexes) == pytest.approx(0.5, abs=0.06)
    assert _separation(pitches, sexes) == 1


def _separation(features: list[list[float]], sexes: list[bool]) -> float:
    """Area under the ROC curve of a linear classifier, 0.5 where nothing can be told."""
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    folds = StratifiedKFold(5)
    return float(np.mean(cross_val_score(classifier, features, sexes, cv=folds, scoring="roc_auc")))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.sampled_from(DIGITS), st.sampled_from(SPEAKERS), st.integers(0, 99), st.integers(0, 2**32)
)
def test_a_clip_is_sound_and_its_evidence_lies_within_it(
    digit: int, identity: str, repetition: int, seed: int
) -> None:
    clip = synthesise(digit, speaker(identity, seed), repetition, seed)
    seconds = len(clip.wave) / RATE
    assert clip.wave.dtype == np.float32
    assert np.isfinite(clip.wave).all()
    assert 0.05 < np.abs(clip.wave).max() < 1
    assert SECONDS[0] - 1 / RATE <= seconds <= SECONDS[1] + 1 / RATE
    assert {region.label for region in clip.regions} == {"digit", "sex"}
    for region in clip.regions:
        assert 0 <= region.onset_s < region.offset_s <= seconds + 1 / RATE
        assert 0 <= region.low_hz < region.high_hz <= RATE / 2


@pytest.mark.parametrize("identity", VOICES)
def test_heard_pitch_is_the_planned_pitch(identity: str) -> None:
    for _, _, clip in spoken([identity]):
        assert _heard_pitch(clip) == pytest.approx(clip.f0_hz, rel=0.05)


def _heard_pitch(clip: Clip) -> float:
    """Median over voiced frames of the autocorrelation's best lag between 75 and 330 Hz."""
    finer = 8
    lags = np.arange(finer * RATE // 330, finer * RATE // 75)
    frames = np.lib.stride_tricks.sliding_window_view(clip.wave, 480)[::80] * np.hanning(480)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 1024)) ** 2, finer * 1024)
    strength = correlation[:, lags] / correlation[:, :1]
    loud = correlation[:, 0] > 0.01 * correlation[:, 0].max()
    voiced = loud & (strength.max(axis=1) > 0.4)
    return float(np.median(finer * RATE / lags[strength[voiced].argmax(axis=1)]))


def test_energy_is_where_the_digit_is_said_to_be() -> None:
    ratios = [_contrast(clip, labelled(clip, "digit"), 128) for *_, clip in spoken(VOICES)]
    assert np.median(ratios) > 8
    assert min(ratios) > 3


def _contrast(clip: Clip, regions: list[Region], window: int) -> float:
    """Mean spectral density inside the regions over that outside them."""
    frequencies, times, density = power(clip, window)
    inside = covered(regions, frequencies, times)
    return float(density[inside].mean() / density[~inside].mean())


def test_harmonics_are_where_the_sex_is_said_to_be() -> None:
    for _, _, clip in spoken(VOICES):
        harmonics = labelled(clip, "sex")
        between = [
            Region("sex", one.onset_s, one.offset_s, one.high_hz, two.low_hz)
            for one, two in pairwise(harmonics)
            if one.onset_s == two.onset_s and two.low_hz - one.high_hz > 20
        ]
        frequencies, times, density = power(clip, 512)
        on = density[covered(harmonics, frequencies, times)].mean()
        assert on > 4 * density[covered(between, frequencies, times)].mean()


def test_every_loud_vowel_shows_all_harmonics() -> None:
    clip = synthesise(8, speaker("26", 0), 0, 0)
    onsets = [region.onset_s for region in labelled(clip, "sex")]
    assert onsets.count(onsets[0]) == HARMONICS


def test_without_the_evidence_the_digit_is_gone_and_with_as_much_else_gone_it_stays() -> None:
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    heard, unheard = spoken(TRAINING, 2), spoken(VOICES)
    classifier.fit([_picture(clip, []) for *_, clip in heard], [digit for digit, *_ in heard])

    def accuracy(remove: Callable[[Clip], list[Region]]) -> float:
        pictures = [_picture(clip, remove(clip)) for *_, clip in unheard]
        return float(classifier.score(pictures, [digit for digit, *_ in unheard]))

    assert accuracy(lambda clip: []) > 0.9
    assert accuracy(lambda clip: labelled(clip, "digit")) < 0.4
    assert accuracy(lambda clip: [_mirrored(one) for one in labelled(clip, "digit")]) > 0.7


def _mirrored(region: Region) -> Region:
    """As large, at the same time, counted down from the Nyquist frequency."""
    low, high = RATE / 2 - region.high_hz, RATE / 2 - region.low_hz
    return replace(region, low_hz=low, high_hz=high)


def _picture(clip: Clip, removed: list[Region]) -> Array:
    """Loudness (160,) in 20 bands by 8 stretches of the clip, `removed` regions silenced."""
    frequencies, times, density = power(clip, 128)
    loudness = np.log(density / density.max() + 1e-4)
    loudness[covered(removed, frequencies, times)] = loudness.min()
    stretches = np.array_split(loudness[:60], 8, axis=1)
    return np.stack([part.reshape(20, -1).mean(axis=1) for part in stretches]).ravel()


def test_what_cannot_be_spoken_is_refused() -> None:
    with pytest.raises(InputError, match="61"):
        speaker("61", 0)
    with pytest.raises(InputError, match="10"):
        synthesise(10, speaker("01", 0), 0, 0)
    with pytest.raises(InputError, match="4000 Hz"):
        synthesise(1, speaker("01", 0), 0, 0, rate=4000)


def test_another_rate_gives_the_same_evidence_at_more_samples() -> None:
    clip = synthesise(3, speaker("01", 0), 0, 0, rate=16000)
    narrow = synthesise(3, speaker("01", 0), 0, 0)
    assert len(clip.wave) == pytest.approx(2 * len(narrow.wave), abs=1)
    assert clip.f0_hz == narrow.f0_hz
