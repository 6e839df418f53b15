"""Fetch published weights of separators into the folders that the configuration looks in.

    python scripts/fetch_weights.py --data-dir data open_unmix

What is there is kept. Exit status: 0 if all weights are there, 1 if some could not be had.
"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from earwitness.errors import InputError
from earwitness.models.separation import published

FETCHED = {"open_unmix": published.download}
"""Folder under the data folder -> what fills it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the weights named on the command line; returns the exit status."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+", choices=FETCHED, metavar="WEIGHTS")
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of all corpora")
    options = parser.parse_args(arguments)
    try:
        for name in options.weights:
            FETCHED[name](options.data_dir / name)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
