"""Public releases of corpora: downloaded, verified, extracted, prepared, and cleared away."""

import gzip
import shutil
import sys
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pooch
import requests
from tqdm import tqdm

from earwitness.errors import InputError
from earwitness.files import atomic

CORPORA = (
    *("fsdd", "arabic_digits", "ravdess", "audiomnist", "physionet2016", "circor"),
    "midlevel",
)
"""Modules of this package with a `RELEASE` and a `prepare` function."""
TIMEOUT = 30
"""Seconds that a server may stay silent."""
RETRIES = 2
"""Further attempts at a download that fails."""
CHUNK = 1 << 20
"""Bytes read at a time."""
AGAIN = "run the same command again"

REASONS: dict[type[Exception], str] = {
    requests.HTTPError: "the server does not have it",
    requests.Timeout: "the server does not answer",
    requests.exceptions.ChunkedEncodingError: "the transfer was cut off",
    requests.ConnectionError: "the server cannot be reached",
    requests.RequestException: "the download failed",
    ValueError: "its checksum is not the published one",
}
"""Message for each kind of failed download; the first that fits counts."""


@dataclass(frozen=True)
class Release:
    """What a corpus's authors published, and under which terms.

    Attributes:
        folder: name of the folder of its prepared layout.
        url: address of the archive.
        archive: file name of the archive; its suffix is the format (.tar.gz or .zip).
        licence: short name of the licence of the recordings.
        licence_url: its text.
        citation: how the authors wish to be cited.
        known_hash: published checksum, `algorithm:hex digits`; None where there is none.
        commit: commit that a git archive holds; the check of an archive without a checksum.
        listed: whether it holds lists of SHA-256 sums, with which `prepare` compares its files.
        size_mb: size of the archive in megabytes, rounded; None where it is not published.
        also: further archives that the corpus is made of.
    """

    folder: str
    url: str
    archive: str
    licence: str
    licence_url: str
    citation: str
    known_hash: str | None = None
    commit: str | None = None
    listed: bool = False
    size_mb: int | None = None
    also: tuple["Release", ...] = ()


def module_of(name: str) -> ModuleType:
    """The module of a corpus, with its `RELEASE`, `prepare` and `load`.

    Raises:
        InputError: there is no such corpus.
    """
    if name not in CORPORA:
        raise InputError(f"{name}: no such corpus; choose among {', '.join(CORPORA)}")
    return import_module(f"earwitness.corpora.{name}")


def is_prepared(name: str, data_dir: Path) -> bool:
    """Whether the prepared layout of a corpus is complete: its records are written last."""
    return (data_dir / module_of(name).RELEASE.folder / "records.csv").is_file()


def obtain(name: str, data_dir: Path, source: Path | None = None) -> None:
    """Prepare a corpus under `data_dir`, from its public release, unless that is done.

    The raw download is removed only when the corpus is prepared, so that an interrupted run
    goes on where it was.

    Args:
        name: one of `CORPORA`.
        data_dir: folder of all the prepared corpora.
        source: folder of the extracted release, where it is already there: nothing is
            downloaded then, and nothing removed.

    Raises:
        InputError: the download fails or is not what was published, or lacks recordings.
    """
    if is_prepared(name, data_dir):
        return
    module = module_of(name)
    downloads = data_dir / ".downloads" / module.RELEASE.folder
    module.prepare(source or fetch_all(module.RELEASE, downloads), data_dir / module.RELEASE.folder)
    shutil.rmtree(downloads, ignore_errors=True)


def fetch_all(release: Release, folder: Path) -> Path:
    """Download a release and what else it is made of, each as `fetch` does.

    Returns:
        The folder that holds it all.

    Raises:
        InputError: as `fetch`.
    """
    own = fetch(release, folder)
    for part in release.also:
        fetch(part, folder / part.folder)
    return folder if release.also else own


def fetch(release: Release, folder: Path) -> Path:
    """Download a release into `folder`, verify it and extract it; what is there is kept.

    Returns:
        The folder that the archive holds (of a git archive, the one inside).

    Raises:
        InputError: the server fails, or the archive is cut off or not the published one.
    """
    extracted = folder / "extracted"
    if not extracted.is_dir():
        archive = _downloaded(release, folder)
        _verify(release, archive)
        with atomic(extracted) as temporary:
            extract(archive, temporary)
    return next(extracted.iterdir()) if release.commit else extracted


def _downloaded(release: Release, folder: Path) -> Path:
    """The archive, downloaded unless it is there with the published checksum."""
    store = pooch.create(
        path=folder,
        base_url="",
        registry={release.archive: release.known_hash},
        urls={release.archive: release.url},
        retry_if_failed=RETRIES,
    )
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), chunk_size=CHUNK, timeout=TIMEOUT
    )
    try:
        return Path(store.fetch(release.archive, downloader=downloader))
    except tuple(REASONS) as error:
        reason = next(text for kind, text in REASONS.items() if isinstance(error, kind))
        raise InputError(f"{release.archive}: {reason} ({release.url}); {AGAIN}") from error


def _verify(release: Release, archive: Path) -> None:
    """Remove an archive that is not whole or not of the published commit, and say so."""
    reason = _flaw(release, archive)
    if reason:
        archive.unlink()
        raise InputError(f"{archive}: {reason} ({release.url}); it is removed: {AGAIN}")


def _flaw(release: Release, archive: Path) -> str | None:
    """What is wrong with an archive that has no checksum; the others are verified by it."""
    if release.known_hash is not None:
        return None
    try:
        _read_through(archive)
        commit = archived_commit(archive) if release.commit else None
    except (EOFError, OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error):
        return "the archive is cut off or damaged"
    if commit != release.commit:
        return f"it holds commit {commit}, not {release.commit}"
    return None


def _read_through(archive: Path) -> None:
    """Decompress an archive to its end: gzip and zip hold checksums of their own.

    Raises:
        EOFError: a gzip file is cut off.
        OSError: it is damaged.
        zipfile.BadZipFile: a zip file is cut off or damaged.
        zlib.error: either is damaged.
    """
    if archive.suffix == ".zip":
        _read_members(archive)
        return
    with (
        gzip.open(archive) as stream,
        tqdm(desc=f"verifying {archive.name}", unit="B", unit_scale=True, disable=None) as bar,
    ):
        while chunk := stream.read(CHUNK):
            bar.update(len(chunk))


def _read_members(archive: Path) -> None:
    """Decompress every member of a zip file.

    Raises:
        zipfile.BadZipFile: the file is cut off or a member is damaged.
        zlib.error: a member is damaged.
    """
    with zipfile.ZipFile(archive) as packed:
        for name in tqdm(packed.namelist(), f"verifying {archive.name}", disable=None):
            with packed.open(name) as member:
                while member.read(CHUNK):
                    pass


def archived_commit(archive: Path) -> str | None:
    """Commit that `git archive` noted in the global header of a tar file; None without one."""
    with tarfile.open(archive) as tar:
        return tar.pax_headers.get("comment")


def extract(archive: Path, folder: Path) -> None:
    """Extract an archive into `folder`; no member may leave it."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            for name in tqdm(packed.namelist(), f"extracting {archive.name}", disable=None):
                packed.extract(name, folder)
        return
    with tarfile.open(archive) as tar:
        for member in tqdm(tar, f"extracting {archive.name}", disable=None):
            tar.extract(member, folder, filter="data")
