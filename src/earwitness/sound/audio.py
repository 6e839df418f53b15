"""Reading and writing of audio files: all of the project's pass through here.

A waveform is a float32 tensor `(samples,)` in [-1, 1]; rates are in Hz.
"""

from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.files import atomic

RATE = 8000
"""Default sampling rate, in Hz: that of the speech corpora."""

FORMATS = (".wav", ".flac")
"""Suffixes of the files that `write` accepts."""


def read(path: str | Path, rate: int = RATE, frames: int | None = None) -> Tensor:
    """Read a recording as one channel at `rate` Hz.

    Channels are averaged; other rates are resampled (soxr, very high quality).

    Args:
        path: of the recording.
        rate: of the result, in Hz.
        frames: the length in the corpus's records, in samples at `rate`; None if unknown.

    Returns:
        float32 `(samples,)` in [-1, 1].

    Raises:
        InputError: the file is missing, not a recording, truncated, longer than recorded, empty,
            silent, constant or not finite.
    """
    samples, source_rate = _decode(Path(path))
    original = samples.mean(axis=1)
    wave = resample(original, source_rate, rate)
    flaw = _length_flaw(len(wave), frames, source_rate, rate) or _flaw(original, wave)
    if flaw:
        raise InputError(f"{path}: {flaw}")
    return torch.from_numpy(wave)


def _length_flaw(length: int, expected: int | None, source_rate: int, rate: int) -> str | None:
    """The message if a recording has too few or too many samples; resampling may round by one."""
    if expected is None or abs(length - expected) <= (source_rate != rate):
        return None
    where = "" if source_rate == rate else f" at {rate} Hz (the file is at {source_rate} Hz)"
    if length < expected:
        return f"truncated: {length} of {expected} samples{where}; fetch this file again"
    return f"has {length} samples{where}, not {expected} as its records say; prepare it again"


def _flaw(original: np.ndarray, wave: np.ndarray) -> str | None:
    """The message if a wave `(samples,)`, before and after resampling, is unusable; else None."""
    if not len(wave):
        return "holds no samples; remove it or fetch it again"
    if not np.isfinite(wave).all():
        return "holds NaN or infinite samples; export it again as 16-bit PCM"
    if not wave.any():
        return "is silent (all samples are zero); remove it from the records"
    # Resampling rounds off the ends of a constant, which would then pass as a sound.
    if len(original) > 1 and (original == original[0]).all():
        return "is flat (all samples are equal); remove it from the records"
    return None


def _decode(path: Path) -> tuple[np.ndarray, int]:
    """Samples `(frames, channels)` in [-1, 1] and rate in Hz of a file with all of its frames."""
    if not path.is_file():
        raise InputError(f"{path}: no such recording; check the path or run `make data`")
    try:
        with soundfile.SoundFile(path) as file:
            # The header of an MP3 counts its encoder's frames, some of which are padding.
            expected = None if file.format == "MP3" else file.frames
            samples = file.read(dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        reason = str(error.error_string).rstrip(".")
        raise InputError(f"{path}: cannot be decoded ({reason}); fetch this file again") from error
    if expected not in (None, len(samples)) or _data_is_cut(path):
        raise InputError(f"{path}: truncated; fetch this file again")
    return samples, rate


def _data_is_cut(path: Path) -> bool:
    """Whether a RIFF file is shorter than its header says, which libsndfile does not report."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] != b"RIFF":
        return False
    expected = int.from_bytes(head[4:], "little")
    # A streamed file has the largest number here; some writers leave out a last padding byte.
    return expected != 0xFFFFFFFF and path.stat().st_size < expected + 7


def resample(samples: np.ndarray, source_rate: int, rate: int) -> np.ndarray:
    """Resample float32 `(samples,)` from `source_rate` to `rate` Hz."""
    if source_rate == rate:
        return samples
    return soxr.resample(samples, source_rate, rate, quality="VHQ").astype(np.float32)


def write(path: str | Path, wave: Tensor, rate: int = RATE) -> None:
    """Write a wave `(samples,)` at `rate` Hz as 16-bit PCM, in the format of the suffix.

    A wave that exceeds full scale is scaled down as a whole rather than clipped.

    Raises:
        InputError: the wave is empty or not finite, or the suffix is none of `FORMATS`.
    """
    if not len(wave) or not torch.isfinite(wave).all():
        raise InputError(f"{path}: not written: the wave is empty or holds NaN or infinite samples")
    if Path(path).suffix not in FORMATS:
        raise InputError(f"{path}: not written: choose one of the suffixes {', '.join(FORMATS)}")
    full_scale = wave / wave.abs().max().clamp(min=1.0)
    with atomic(path) as temporary:
        soundfile.write(temporary, full_scale.numpy(), rate, subtype="PCM_16")


def random_crop_or_pad(wave: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """A wave padded or cropped to `length` samples, at a random offset.

    Args:
        wave: `(..., samples)`; if shorter, it gets zeros on both sides (Becker et al., released
            preprocessing), if longer, a random part of it is kept.
        length: of the result, in samples.
        generator: of the offset; always one draw.

    Returns:
        `(..., length)`.
    """
    spare = length - wave.shape[-1]
    offset = int(torch.randint(abs(spare) + 1, (), generator=generator))
    if spare < 0:
        return wave[..., offset : offset + length]
    return torch.nn.functional.pad(wave, (offset, spare - offset))
