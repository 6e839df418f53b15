"""From an extracted release to the prepared layout: FLAC, records, README and checksums."""

import hashlib
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import soundfile
from torch import Tensor
from tqdm import tqdm

from earwitness.corpora.releases import Release
from earwitness.errors import InputError
from earwitness.files import write_text
from earwitness.sound import audio

Labels = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Item:
    """One recording to prepare.

    Attributes:
        source: the file in the release.
        file: its name in the prepared layout, relative to the root.
        labels: its columns in the records, as far as its name contains them.
    """

    source: Path
    file: str
    labels: Labels


def count_frames(wave: Tensor) -> dict[str, int]:
    """The `frames` column: samples of `(samples,)`."""
    return {"frames": len(wave)}


def published_size(path: Path) -> tuple[int, int]:
    """Samples of a published recording and their rate in Hz, as its header says.

    Raises:
        InputError: it cannot be decoded.
    """
    try:
        header = soundfile.info(path)
    except soundfile.LibsndfileError as error:
        raise InputError(f"{path}: cannot be decoded; fetch this file again") from error
    return header.frames, header.samplerate


def convert(
    items: Sequence[Item],
    root: Path,
    render: Callable[[Path], Tensor] = audio.read,
    measure: Callable[[Tensor], Mapping[str, float]] = count_frames,
    rate: int = audio.RATE,
) -> pd.DataFrame:
    """Write every recording as 16-bit FLAC under `root`, unless its file exists.

    Args:
        items: recordings to convert.
        root: folder of the prepared layout.
        render: source file to `(samples,)` at `rate` Hz.
        measure: `(samples,)` as read from the FLAC to further columns.
        rate: of the prepared recordings, in Hz.

    Returns:
        One row per recording, in order of source names: `file`, its labels, what is measured.

    Raises:
        InputError: a recording is missing (none is written then) or cannot be read.
    """
    _check_sources(items)
    rows, by_name = [], sorted(items, key=lambda item: item.source.name)
    for item in tqdm(by_name, f"preparing {root.name}", disable=None):
        target = root / item.file
        if not target.exists():
            audio.write(target, render(item.source), rate)
        rows.append({"file": item.file, **item.labels, **measure(audio.read(target, rate))})
    return pd.DataFrame(rows)


def _check_sources(items: Sequence[Item]) -> None:
    """Raise InputError unless every recording is there, before any is converted."""
    missing = [item.source for item in items if not item.source.is_file()]
    if missing:
        first = missing[0]
        lost = first if first.parent.is_dir() else first.parent
        raise InputError(
            f"{lost}: not there ({len(missing)} of the {len(items)} recordings of the release are "
            "missing); give the folder of the complete release, or remove it and download again"
        )


def complete(
    root: Path, records: pd.DataFrame, readme: str, files: Sequence[str] | None = None
) -> None:
    """Write README.txt, SHA256SUMS and, last, records.csv, whose presence says that all is there.

    Args:
        root: folder of the prepared layout.
        records: one row a recording, columns in their final order.
        readme: provenance, processing, licence and citation.
        files: what else is part of the layout, recordings included, relative to the root; the
            records' `file` where it is not given.
    """
    table = records.to_csv(index=False)
    sums = {file: _sha256((root / file).read_bytes()) for file in (files or records.file)}
    sums |= {"README.txt": _sha256(readme.encode()), "records.csv": _sha256(table.encode())}
    write_text(root / "README.txt", readme)
    write_text(root / "SHA256SUMS", "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))
    write_text(root / "records.csv", table)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def describe(title: str, release: Release, processing: str, columns: str, note: str) -> str:
    """README.txt of a prepared corpus: what it is, where it comes from and under which terms."""
    lines = {
        "Provenance": release.url,
        "Processing": processing,
        "Records": columns,
        "Note": note,
        "Licence": f"{release.licence}, {release.licence_url}",
        "Cite": release.citation,
    }
    body = "\n".join(_wrapped(head, text) for head, text in lines.items())
    return f"{title}\n{'=' * len(title)}\n{body}\n"


def _wrapped(head: str, text: str) -> str:
    """One entry of a README, its further lines below its text."""
    return textwrap.fill(
        f"{head:<10} : {text}",
        width=100,
        subsequent_indent=" " * 13,
        break_long_words=False,
        break_on_hyphens=False,
    )
