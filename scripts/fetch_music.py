"""Fetch openly licensed music, track by track, from the repositories that publish it.

    python scripts/fetch_music.py --data-dir data open_music cc_music open_stems cc_music_stems

What is there is kept. Exit status: 0 if every track is there, 1 if some could not be had.
"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from earwitness.corpora.tracks import rebuild

FOLDERS = ("open_music", "cc_music", "open_stems", "cc_music_stems")


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild the folders named on the command line; returns the exit status."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", choices=FOLDERS, metavar="FOLDER")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of all corpora")
    options = parser.parse_args(arguments)
    failures = [line for name in options.folders for line in rebuild(name, options.data_dir)]
    for line in failures:
        print(line, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
