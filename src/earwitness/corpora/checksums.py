"""Lists of checksums that a release holds, and its files compared with them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tqdm import tqdm

from earwitness.errors import InputError

Sums = Mapping[Path, str]
"""Published SHA-256 of each file, in hex digits."""


def holding(source: Path, file: str) -> Path:
    """The folder at or under `source` that holds `file`, however deep an archive has put it.

    Raises:
        InputError: there is none.
    """
    matches = sorted(source.rglob(file))
    if not matches:
        raise InputError(f"{source / file}: not there; give the folder of the complete release")
    return matches[0].parents[len(Path(file).parts) - 1]


def published_sums(source: Path) -> Sums:
    """What all the lists in a release say (`SHA256SUMS` or `SHA256SUMS.txt`, in any folder).

    Raises:
        InputError: there is no list.
    """
    lists = sorted(source.rglob("SHA256SUMS*"))
    if not lists:
        raise InputError(
            f"{source}: holds no SHA256SUMS, its publisher's list of checksums; "
            "give the folder of the complete release"
        )
    return dict(entry for path in lists for entry in _entries(path))


def _entries(path: Path) -> Iterator[tuple[Path, str]]:
    """File and checksum of each line of a list, whose names are relative to its folder."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            digest, name = line.split(maxsplit=1)
            yield path.parent / name.strip().lstrip("*"), digest.lower()


def verify(files: Iterable[Path], sums: Sums) -> None:
    """Compare files of a release with its own lists.

    Raises:
        InputError: a file is missing, not listed, or not what was published; names the first.
    """
    for file in tqdm(list(files), "verifying", disable=None):
        flaw = _flaw(file, sums)
        if flaw:
            raise InputError(f"{file}: {flaw}; fetch this file again from the release")


def _flaw(file: Path, sums: Sums) -> str | None:
    """What is wrong with a file, if anything."""
    if not file.is_file():
        return "not there"
    if file not in sums:
        return "not in the release's SHA256SUMS"
    if hashlib.sha256(file.read_bytes()).hexdigest() != sums[file]:
        return "its checksum is not the published one"
    return None
