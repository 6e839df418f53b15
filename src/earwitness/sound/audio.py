"""Recordings in and out: every file the project reads or writes as sound passes through here.

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
"""Sampling rate where nothing else is said, that of the speech corpora, in Hz."""

FORMATS = (".wav", ".flac")
"""Suffixes of the files that are written."""


def read(path: str | Path, rate: int = RATE, frames: int | None = None) -> Tensor:
    """Read a recording as one channel at `rate` Hz.

    Stereo is averaged and another rate is resampled (soxr, very high quality), so a 44.1 kHz
    stereo file is as good as any. `frames` is the length the corpus's records promise, in
    samples at `rate`.

    Returns:
        float32 `(samples,)`.

    Raises:
        InputError: the file is missing, not a recording, truncated, longer than promised, empty,
            silent, flat or not finite.
    """
    samples, source_rate = _decode(Path(path))
    original = samples.mean(axis=1)
    wave = resample(original, source_rate, rate)
    flaw = _length_flaw(len(wave), frames, source_rate, rate) or _flaw(original, wave)
    if flaw:
        raise InputError(f"{path}: {flaw}")
    return torch.from_numpy(wave)


def _length_flaw(found: int, promised: int | None, source_rate: int, rate: int) -> str | None:
    """Whether a recording lacks samples or has too many; resampling may round by one."""
    if promised is None or abs(found - promised) <= (source_rate != rate):
        return None
    where = "" if source_rate == rate else f" at {rate} Hz (the file is at {source_rate} Hz)"
    if found < promised:
        return f"truncated: {found} of {promised} samples{where}; fetch this file again"
    return f"has {found} samples{where}, not {promised} as its records say; prepare it again"


def _flaw(original: np.ndarray, wave: np.ndarray) -> str | None:
    """What makes a recording, before and after resampling, useless; None if nothing does."""
    if not len(wave):
        return "holds no samples; remove it or fetch it again"
    if not np.isfinite(wave).all():
        return "holds NaN or infinite samples; export it again as 16-bit PCM"
    if not wave.any():
        return "is silent (all samples are zero); remove it from the records"
    # Resampling rounds off the ends of a flat line, so that it would no longer be one.
    if len(original) > 1 and (original == original[0]).all():
        return "is flat (all samples are equal); remove it from the records"
    return None


def _decode(path: Path) -> tuple[np.ndarray, int]:
    """Samples `(frames, channels)` and rate of a file, all of the frames its header promises."""
    if not path.is_file():
        raise InputError(f"{path}: no such recording; check the path or run `make data`")
    try:
        with soundfile.SoundFile(path) as file:
            # An MP3 tells its length by its encoder's frames, of which some are padding.
            promised = None if file.format == "MP3" else file.frames
            samples = file.read(dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        reason = str(error.error_string).rstrip(".")
        raise InputError(f"{path}: cannot be decoded ({reason}); fetch this file again") from error
    if promised not in (None, len(samples)) or _data_is_cut(path):
        raise InputError(f"{path}: truncated; fetch this file again")
    return samples, rate


def _data_is_cut(path: Path) -> bool:
    """Whether a RIFF file ends before its own header says; libsndfile forgives this silently."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] != b"RIFF":
        return False
    promised = int.from_bytes(head[4:], "little")
    # A streamed file promises the largest number; some writers leave out a last padding byte.
    return promised != 0xFFFFFFFF and path.stat().st_size < promised + 7


def resample(samples: np.ndarray, source_rate: int, rate: int) -> np.ndarray:
    """Resample float32 `(samples,)` from `source_rate` to `rate` Hz."""
    if source_rate == rate:
        return samples
    return soxr.resample(samples, source_rate, rate, quality="VHQ").astype(np.float32)


def write(path: str | Path, wave: Tensor, rate: int = RATE) -> None:
    """Write `(samples,)` as 16-bit PCM; the suffix chooses the format (.wav, .flac).

    A wave that exceeds full scale is scaled down as a whole rather than clipped.

    Raises:
        InputError: the wave is empty or not finite, or the suffix stands for no format.
    """
    if not len(wave) or not torch.isfinite(wave).all():
        raise InputError(f"{path}: not written: the wave is empty or holds NaN or infinite samples")
    if Path(path).suffix not in FORMATS:
        raise InputError(f"{path}: not written: give it one of the suffixes {', '.join(FORMATS)}")
    full_scale = wave / wave.abs().max().clamp(min=1.0)
    with atomic(path) as temporary:
        soundfile.write(temporary, full_scale.numpy(), rate, subtype="PCM_16")


def random_crop_or_pad(wave: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """Put `(..., samples)` at a random offset in `length` samples: zeros around, or a random crop.

    A shorter recording gets zeros on both sides (Becker et al., released preprocessing);
    of a longer one a random stretch is kept.
    """
    spare = length - wave.shape[-1]
    offset = int(torch.randint(abs(spare) + 1, (), generator=generator))
    if spare < 0:
        return wave[..., offset : offset + length]
    return torch.nn.functional.pad(wave, (offset, spare - offset))
