"""The folders of openly licensed music, rebuilt from the repositories that their manifests name.

Each track is fetched as it was at its commit. No checksums are published; a commit names its
content, but the file that a server sends for it cannot be compared with that.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pooch
import soundfile
import soxr
from tqdm import tqdm

from earwitness.corpora.manifests import manifest
from earwitness.errors import InputError
from earwitness.files import atomic

HOST = "https://raw.githubusercontent.com"
"""Where the public repositories give single files of a commit."""
RATE = 44100
QUALITY = {"open_music": 0.25, "open_stems": 0.5}
"""Of the Vorbis coding of each folder, as libsndfile counts it."""
STREAMS = ("mixture", "drums", "bass", "other", "vocals")
"""Of a stem file of MUSDB18, in their order."""

Row = Mapping[str, Any]
Fetch = Callable[[str, Path], Path]
"""An address and a folder -> the file that was fetched."""


def fetched(address: str, folder: Path) -> Path:
    """Download a file into `folder`.

    Raises:
        InputError: the server fails; the line names the address.
    """
    try:
        return Path(pooch.retrieve(address, known_hash=None, path=folder, progressbar=False))
    except Exception as error:  # whatever a library that downloads may raise
        raise InputError(f"{address}: not fetched ({error}); run the same command again") from error


def rebuild(folder: str, data_dir: Path, fetch: Fetch = fetched) -> list[str]:
    """Make the tracks of a folder that are not there yet.

    Args:
        folder: one that has a manifest.
        data_dir: folder of all corpora.
        fetch: gets a file.

    Returns:
        A line for each track that could not be made; the others are there.
    """
    made = {
        "open_music": _excerpts,
        "cc_music": _copies,
        "open_stems": _stems,
        "cc_music_stems": _streams,
    }
    failures: list[str] = []
    for target, make in tqdm(list(made[folder](folder, data_dir / folder)), folder, disable=None):
        if not target.exists():
            try:
                make(fetch)
            except InputError as error:
                failures.append(f"{target.name}: {error}")
    return failures


def address(row: Row) -> str:
    """Where a track can be had, as it was at its commit."""
    repository = str(row["repository"]).removeprefix("github.com/")
    return f"{HOST}/{repository}/{row['commit']}/{quote(str(row['path']))}"


Task = tuple[Path, Callable[[Fetch], None]]
"""A file, and what makes it."""


def _excerpts(folder: str, root: Path) -> Iterator[Task]:
    """Each track cut and coded as it is listed."""
    for row in manifest(folder).to_dict("records"):
        target = root / row["file"]
        yield target, partial(_excerpt, row, target, folder)


def _copies(folder: str, root: Path) -> Iterator[Task]:
    """Each recording as it is."""
    for row in manifest(folder).to_dict("records"):
        target = root / row["file"]
        yield target, partial(_copy, row, target)


def _stems(folder: str, root: Path) -> Iterator[Task]:
    """Each stem, the sum of its source tracks, and the mixture, the sum of all."""
    listed = manifest(folder)
    for song, rows in listed.groupby("song", sort=False):
        parts = [(f"{stem}.ogg", own) for stem, own in rows.groupby("stem", sort=False)]
        for name, own in [*parts, ("mixture.ogg", rows)]:
            target = root / str(song) / name
            yield target, partial(_sum, own, target, folder)


def _streams(folder: str, root: Path) -> Iterator[Task]:
    """Each stream of the stem files that MUSDB18 shows."""
    for row in manifest(folder).to_dict("records"):
        for number, stem in enumerate(STREAMS):
            target = root / row["file"].format(stem=stem)
            yield target, partial(_stream, row, target, number)


def _excerpt(row: Row, target: Path, folder: str, fetch: Fetch) -> None:
    """Fetch a track and write its excerpt."""
    _write(target, _cut(fetch, row), folder)


def _copy(row: Row, target: Path, fetch: Fetch) -> None:
    """Fetch a track and keep it as it is."""
    with TemporaryDirectory() as folder, atomic(target) as temporary:
        shutil.copyfile(fetch(address(row), Path(folder)), temporary)


def _stream(row: Row, target: Path, number: int, fetch: Fetch) -> None:
    """Fetch a stem file and write one of its streams."""
    with TemporaryDirectory() as folder:
        samples = _decoded(fetch(address(row), Path(folder)), number)
    with atomic(target) as temporary:
        soundfile.write(temporary, samples, RATE, subtype="PCM_16")


def _sum(rows: pd.DataFrame, target: Path, folder: str, fetch: Fetch) -> None:
    """Fetch source tracks and write their sum, each at its gain, as long as the shortest."""
    sounds = [_cut(fetch, row) * float(row["gain"]) for row in rows.to_dict("records")]
    samples = min(len(sound) for sound in sounds)
    _write(target, np.sum([sound[:samples] for sound in sounds], axis=0), folder)


def _cut(fetch: Fetch, row: Row) -> np.ndarray:
    """The excerpt of a track `(samples, 2)` at 44.1 kHz."""
    with TemporaryDirectory() as folder:
        samples = _decoded(fetch(address(row), Path(folder)))
    begin = round(float(row["start_s"]) * RATE)
    excerpt = samples[begin : begin + round(float(row["duration_s"]) * RATE)]
    if not len(excerpt):
        raise InputError(f"{address(row)}: ends before {row['start_s']} s; it is another recording")
    return excerpt


def _decoded(path: Path, stream: int = 0) -> np.ndarray:
    """A recording `(samples, 2)` at 44.1 kHz; what libsndfile cannot read, ffmpeg decodes."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        samples, rate = soundfile.read(_by_ffmpeg(path, stream), dtype="float32", always_2d=True)
    stereo = samples if samples.shape[1] == 2 else np.repeat(samples[:, :1], 2, axis=1)
    return np.asarray(soxr.resample(stereo, rate, RATE, quality="VHQ"))


def _by_ffmpeg(path: Path, stream: int) -> Path:
    """A stream of a file as WAV beside it."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise InputError(f"{path.name}: needs ffmpeg, which is not there; install it and run again")
    target = path.with_suffix(".decoded.wav")
    command = [program, "-v", "error", "-y", "-i", str(path), "-map", f"0:a:{stream}", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{path.name}: ffmpeg cannot decode it; fetch it again")
    return target


def _write(target: Path, samples: np.ndarray, folder: str) -> None:
    """Write `(samples, 2)` as Vorbis, and clear of a half-written file."""
    level = 1 - QUALITY[folder]
    with (
        atomic(target) as temporary,
        soundfile.SoundFile(
            temporary, "w", RATE, 2, format="OGG", subtype="VORBIS", compression_level=level
        ) as file,
    ):
        # In one piece libsndfile overruns its stack on long recordings.
        for block in np.array_split(samples, max(1, len(samples) // RATE)):
            file.write(block)
