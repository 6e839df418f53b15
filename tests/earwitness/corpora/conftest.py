"""Recordings to make small releases of, and the real prepared corpora where they are."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.checkout import ROOT

DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT.parent / "shared" / "data"))


def write_tone(path: Path, rate: int, seconds: float = 0.1, channels: int = 1) -> Path:
    """A tone of 16 bits, its pitch different for each file name, as a recording to prepare."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hertz = 200 + sum(path.stem.encode()) % 1000
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate, subtype="PCM_16")
    return path


def write_list(source: Path) -> None:
    """The list of checksums of a release, as it is now."""
    target = source / "SHA256SUMS.txt"
    files = sorted(path for path in source.rglob("*.*") if path != target)
    digests = [sha256(file.read_bytes()).hexdigest() for file in files]
    names = [file.relative_to(source) for file in files]
    target.write_text("".join(f"{d} {n}\n" for d, n in zip(digests, names, strict=True)))


@pytest.fixture
def tone() -> Callable[..., Path]:
    """`write_tone`, for tests that make a release."""
    return write_tone


@pytest.fixture
def prepared() -> Callable[[str], Path]:
    """Folder of a real prepared corpus; skips where there is none."""

    def folder(name: str) -> Path:
        if not (DATA_DIR / name / "records.csv").is_file():
            pytest.skip(f"{DATA_DIR / name} is not there: set DATA_DIR to test on real recordings")
        return DATA_DIR / name

    return folder
