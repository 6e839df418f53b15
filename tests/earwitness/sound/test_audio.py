from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import InputError
from earwitness.sound import audio


def noise(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, frames).astype(np.float32)


def cut(path: Path, kept: float) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    return path


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.wav: no such recording"):
        audio.read(tmp_path / "gone.wav")


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("<html>404</html>")
    with pytest.raises(InputError, match=r"a\.wav: cannot be decoded \(Format not recognised\)"):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize("kept", [0.001, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, noise(20000), 8000)
    with pytest.raises(InputError, match=r"a\.\w+: (truncated|cannot be decoded)"):
        audio.read(cut(path, kept))


def test_flac_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(20000), 8000)
    whole = path.read_bytes()
    for kept in range(1, len(whole), len(whole) // 100):
        path.write_bytes(whole[:kept])
        with pytest.raises(InputError):
            audio.read(path)


def test_a_recording_shorter_than_promised_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", noise(99), 8000)
    with pytest.raises(InputError, match=r"a\.wav: truncated: 99 of 100 samples"):
        audio.read(tmp_path / "a.wav", frames=100)


def test_a_streamed_wav_of_unknown_length_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(100), 8000)
    whole = bytearray(path.read_bytes())
    whole[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(whole)
    assert len(audio.read(path)) == 100


@pytest.mark.parametrize("channels", [1, 2])
def test_a_silent_file_is_refused(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((100, channels)), 8000)
    with pytest.raises(InputError, match=r"a\.wav: is silent"):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize("rate", [8000, 2000])
@pytest.mark.parametrize("level", [0.25, -1.0])
def test_a_flat_line_is_refused(tmp_path: Path, rate: int, level: float) -> None:
    """Even where resampling would bend its ends."""
    soundfile.write(tmp_path / "a.wav", np.full(1000, level), rate)
    with pytest.raises(InputError, match=r"a\.wav: is flat \(all samples are equal\); remove"):
        audio.read(tmp_path / "a.wav")


def test_a_clipped_recording_is_read_as_it_is(tmp_path: Path) -> None:
    """Flat at its peaks is not flat."""
    clipped = np.clip(3 * noise(1000), -1, 32767 / 32768)
    soundfile.write(tmp_path / "a.wav", clipped, 8000, subtype="FLOAT")
    assert np.mean(np.abs(clipped) > 0.99) > 0.2
    np.testing.assert_array_equal(audio.read(tmp_path / "a.wav"), clipped.astype(np.float32))


@pytest.mark.parametrize("seconds", [0.5, 120.0])
def test_a_recording_at_twice_the_rate_is_as_long_as_promised(
    tmp_path: Path, seconds: float
) -> None:
    """The records of a corpus count samples at the rate it is read at, not at the file's."""
    soundfile.write(tmp_path / "a.flac", noise(round(2000 * seconds)), 2000)
    promised = round(1000 * seconds)
    assert len(audio.read(tmp_path / "a.flac", 1000, promised)) == promised
    message = rf"a\.flac: truncated: {promised} of {2 * promised} samples at 1000 Hz \(the file is"
    with pytest.raises(InputError, match=message):
        audio.read(tmp_path / "a.flac", 1000, 2 * promised)


def test_a_recording_longer_than_promised_is_refused(tmp_path: Path) -> None:
    """It is not the one that the records describe."""
    soundfile.write(tmp_path / "a.wav", noise(101), 8000)
    with pytest.raises(InputError, match=r"a\.wav: has 101 samples, not 100 as its records say"):
        audio.read(tmp_path / "a.wav", frames=100)


def test_channels_that_cancel_are_silent(tmp_path: Path) -> None:
    wave = noise(100)
    soundfile.write(tmp_path / "a.wav", np.stack([wave, -wave], axis=1), 8000, subtype="FLOAT")
    with pytest.raises(InputError, match=r"a\.wav: is silent"):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_samples_that_are_not_finite_are_refused(tmp_path: Path, bad: float, rate: int) -> None:
    wave = noise(1000)
    wave[500] = bad
    soundfile.write(tmp_path / "a.wav", wave, rate, subtype="FLOAT")
    with pytest.raises(InputError, match=r"a\.wav: holds NaN or infinite samples"):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize("frames", [0, 2])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_no_samples_are_refused(tmp_path: Path, frames: int, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", noise(frames), rate)
    if (frames, rate) == (2, 8000):
        assert len(audio.read(tmp_path / "a.wav")) == 2
        return
    with pytest.raises(InputError, match=r"a\.wav: holds no samples"):
        audio.read(tmp_path / "a.wav")


def test_stereo_is_averaged(tmp_path: Path) -> None:
    both = np.stack([noise(100, seed=1), noise(100, seed=2)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, 8000, subtype="FLOAT")
    wave = audio.read(tmp_path / "a.wav")
    assert (wave.dtype, wave.shape) == (torch.float32, (100,))
    np.testing.assert_allclose(wave, both.mean(axis=1), atol=1e-7)


@pytest.mark.parametrize("source_rate", [44100, 48000, 16000])
def test_another_rate_is_resampled(tmp_path: Path, source_rate: int) -> None:
    tone = librosa.tone(440, sr=source_rate, duration=1).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", tone, source_rate, subtype="FLOAT")
    wave = audio.read(tmp_path / "a.wav").numpy()
    assert abs(len(wave) - 8000) <= 1
    oracle = librosa.resample(tone, orig_sr=source_rate, target_sr=8000, res_type="polyphase")
    inner = slice(500, 7500)
    np.testing.assert_allclose(wave[inner], oracle[inner], atol=2e-3)
    assert np.abs(np.fft.rfft(wave[inner] * np.hanning(7000))).argmax() == 440 * 7000 // 8000


def test_what_is_above_half_the_rate_is_removed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", librosa.tone(6000, sr=44100, duration=1), 44100)
    assert audio.read(tmp_path / "a.wav")[1000:-1000].abs().max() < 1e-4


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_sixteen_bits_are_written_as_they_were_read(tmp_path: Path, suffix: str) -> None:
    every = np.arange(-32768, 32768, dtype=np.int16)
    soundfile.write(tmp_path / f"a{suffix}", every, 8000)
    audio.write(tmp_path / f"b{suffix}", audio.read(tmp_path / f"a{suffix}"))
    again, rate = soundfile.read(tmp_path / f"b{suffix}", dtype="int16")
    assert rate == 8000
    np.testing.assert_array_equal(again, every)


def test_writing_scales_rather_than_clips(tmp_path: Path) -> None:
    wave = 3 * torch.sin(torch.arange(8000) / 10)
    audio.write(tmp_path / "a.wav", wave)
    written = audio.read(tmp_path / "a.wav")
    assert written.abs().max() <= 1
    torch.testing.assert_close(written, wave / wave.abs().max(), atol=1e-4, rtol=0)


def test_writing_leaves_a_quiet_wave_as_loud_as_it_is(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", torch.tensor([0.25, -0.125]))
    assert audio.read(tmp_path / "a.wav").tolist() == [0.25, -0.125]


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", torch.tensor([0.5]))
    with pytest.raises(InputError, match=r"a\.wav: not written"):
        audio.write(tmp_path / "a.wav", torch.tensor([0.5, float("nan")]))
    with pytest.raises(InputError, match=r"nonsense: not written: .*\.wav"):
        audio.write(tmp_path / "a.nonsense", torch.tensor([0.5]))
    assert audio.read(tmp_path / "a.wav").tolist() == [0.5]
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@given(frames=st.integers(1, 50), length=st.integers(1, 50), seed=st.integers(0, 2**32))
def test_a_placed_wave_is_whole_or_a_stretch(frames: int, length: int, seed: int) -> None:
    wave = torch.arange(1.0, frames + 1)
    placed = audio.random_crop_or_pad(wave, length, torch.Generator().manual_seed(seed))
    kept = placed[placed > 0]
    assert len(placed) == length
    assert len(kept) == min(frames, length)
    assert (kept.diff() == 1).all()
    assert (placed.nonzero().diff(dim=0) == 1).all()


@pytest.mark.parametrize(("frames", "length"), [(3, 8), (8, 3)])
def test_every_offset_is_as_likely(frames: int, length: int) -> None:
    wave, generator = torch.arange(1.0, frames + 1), torch.Generator().manual_seed(0)
    drawn = [tuple(audio.random_crop_or_pad(wave, length, generator).tolist()) for _ in range(6000)]
    counts = torch.tensor([drawn.count(placed) for placed in set(drawn)], dtype=torch.float)
    assert len(counts) == 6
    assert ((counts - 1000).abs() < 5 * 1000**0.5).all()


def test_a_placed_wave_follows_its_generator() -> None:
    waves = [
        audio.random_crop_or_pad(torch.ones(10), 8000, torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    ]
    assert torch.equal(waves[0], waves[1])
    assert not torch.equal(waves[0], waves[2])
