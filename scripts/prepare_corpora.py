"""Download public corpora and prepare them: FLAC, records, checksums, licence.

    python scripts/prepare_corpora.py --data-dir data                       # what there is
    python scripts/prepare_corpora.py --data-dir data fsdd ravdess          # download and prepare
    python scripts/prepare_corpora.py --data-dir data --from FOLDER ravdess # a release you have

What is prepared already is skipped, and an interrupted run goes on where it was. Exit status: 0 if
every corpus named is prepared, 1 if one failed, 2 if the call itself is wrong.
"""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earwitness.corpora.releases import CORPORA, is_prepared, module_of, obtain
from earwitness.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare the corpora named on the command line; returns the exit status."""
    try:
        return _run(_parser().parse_args(arguments))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> ArgumentParser:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help=", ".join(CORPORA))
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of all corpora")
    parser.add_argument("--from", type=Path, dest="source", help="folder of an extracted release")
    return parser


def _run(options: Namespace) -> int:
    _check_source(options)
    print(_table(options.corpora or CORPORA, options.data_dir))
    failed = [name for name in options.corpora if not _prepared(name, options)]
    if failed:
        print(f"not prepared: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _check_source(options: Namespace) -> None:
    if options.source is None:
        return
    if len(options.corpora) != 1:
        raise InputError("--from is the folder of one release: name the one corpus it is of")
    if not options.source.is_dir():
        raise InputError(f"{options.source}: no such folder; give the one that holds the release")


def _table(names: Sequence[str], data_dir: Path) -> str:
    return pd.DataFrame([_row(name, data_dir) for name in names]).to_string(index=False)


def _row(name: str, data_dir: Path) -> dict[str, str]:
    release = module_of(name).RELEASE
    return {
        "corpus": name,
        "download": f"{release.size_mb} MB" if release.size_mb else "size not published",
        "licence": release.licence,
        "folder": str(data_dir / release.folder),
        "state": "prepared" if is_prepared(name, data_dir) else "to prepare",
    }


def _prepared(name: str, options: Namespace) -> bool:
    """Prepare one corpus; a failure is told in one line and stops no other corpus."""
    try:
        obtain(name, options.data_dir, options.source)
    except (InputError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
