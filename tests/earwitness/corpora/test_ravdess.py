from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from earwitness.corpora import ravdess
from earwitness.errors import InputError
from earwitness.sound import audio

RATE = 48000


def write_utterance(path: Path, peak: float = 0.5, channels: int = 1) -> None:
    """Half a second of silence with a little hum, a second of 500 Hz, half a second of silence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(2 * RATE) / RATE
    speech = peak * np.sin(2 * np.pi * 500 * time) * ((time >= 0.5) & (time < 1.5))
    wave = speech + 1e-3 * np.sin(2 * np.pi * 50 * time)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), RATE, subtype="PCM_16")


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One actor's recordings of normal intensity; one is stereo, one is strong and not used."""
    monkeypatch.setattr(ravdess, "ACTORS", range(2, 3))
    source = tmp_path / "release"
    for item in ravdess._items(source):
        write_utterance(item.source)
    folder = source / "Actor_02"
    write_utterance(folder / "03-01-01-01-01-01-02.wav", channels=2)
    write_utterance(folder / "03-01-08-02-02-02-02.wav")
    return source


def test_names_are_the_published_ones() -> None:
    items = ravdess._items(Path())
    assert len({item.file for item in items}) == 768
    assert items[0].source.as_posix() == "Actor_01/03-01-01-01-01-01-01.wav"
    assert items[-1].labels["emotion"] == "surprised"


def test_prepared_layout_is_loaded(release: Path, tmp_path: Path) -> None:
    ravdess.prepare(release, tmp_path / "ravdess")
    assert pd.read_csv(tmp_path / "ravdess" / "records.csv").columns.tolist() == ravdess.COLUMNS
    corpus = ravdess.load(tmp_path / "ravdess")
    assert len(corpus.records) == 32
    assert set(corpus.records.speaker) == {"Actor_02"}
    assert set(corpus.records.sex) == {"female"}
    assert (corpus.records.gain == 1).all()
    assert corpus.records.peak.between(0.49, 0.55).all()


def test_silence_is_trimmed_but_for_its_margin(release: Path, tmp_path: Path) -> None:
    ravdess.prepare(release, tmp_path / "ravdess")
    seconds = ravdess.load(tmp_path / "ravdess").records.frames / 8000
    np.testing.assert_allclose(seconds, 1.2, atol=0.03)


def test_a_click_is_not_speech(tmp_path: Path) -> None:
    write_utterance(tmp_path / "a.wav")
    samples, rate = soundfile.read(tmp_path / "a.wav")
    samples[4800:4848] = 0.5
    soundfile.write(tmp_path / "a.wav", samples, rate)
    assert len(ravdess.render(tmp_path / "a.wav")) / 8000 == pytest.approx(1.2, abs=0.03)


def test_a_recording_that_begins_with_speech_keeps_its_beginning(tmp_path: Path) -> None:
    time = np.arange(RATE) / RATE
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 500 * time), RATE)
    assert len(ravdess.render(tmp_path / "a.wav")) == 8000


def test_an_overshooting_recording_is_scaled_and_says_so(release: Path, tmp_path: Path) -> None:
    loud = release / "Actor_02" / "03-01-05-01-01-01-02.wav"
    write_utterance(loud, peak=0.999)
    overshoot = float(ravdess.render(loud).abs().max())
    assert overshoot > 1
    ravdess.prepare(release, tmp_path / "ravdess")
    records = ravdess.load(tmp_path / "ravdess").records.set_index("file")
    row = records.loc["Actor_02/03-01-05-01-01-01-02.flac"]
    assert (row.peak, row.gain) == (1.0, round(1 / overshoot, 4))


def test_a_missing_actor_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Actor_01: not there \(768 of the 768"):
        ravdess.prepare(tmp_path, tmp_path / "ravdess")


def test_real_corpus_is_complete(prepared: Callable[[str], Path]) -> None:
    corpus = ravdess.load(prepared("ravdess_speech"))
    assert len(corpus.records) == 768
    assert (corpus.records.groupby("speaker").size() == 32).all()
    assert corpus.records.groupby("sex").speaker.nunique().to_dict() == {"female": 12, "male": 12}
    assert [item.file for item in ravdess._items(Path())] == corpus.records.file.tolist()
    assert len(corpus.waves(corpus.records.sample(50, random_state=0).index)) == 50


def test_trimming_leaves_trimmed_recordings_as_they_are(prepared: Callable[[str], Path]) -> None:
    corpus = ravdess.load(prepared("ravdess_speech"))
    sample = corpus.records.sample(100, random_state=0)
    lengths = [len(ravdess.render(corpus.root / file)) for file in sample.file]
    assert np.mean(lengths == sample.frames) > 0.95


def test_measured_peaks_are_the_recorded_ones(prepared: Callable[[str], Path]) -> None:
    corpus = ravdess.load(prepared("ravdess_speech"))
    for row in corpus.records.sample(20, random_state=1).itertuples():
        measured = ravdess.measure(audio.read(corpus.root / row.file))
        assert measured == {"n_samples": row.frames, "peak": pytest.approx(row.peak, abs=2e-4)}
