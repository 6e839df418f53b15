"""What openly licensed music the project uses, and where each track comes from.

`<folder>.csv` lists the tracks of a folder, of `open_stems` the source tracks of each stem: title,
artist, licence, source repository, commit, path in it, and the cut, in s.
"""

from pathlib import Path

import pandas as pd


def manifest(folder: str) -> pd.DataFrame:
    """The list of a folder of music."""
    return pd.read_csv(Path(__file__).with_name(f"{folder}.csv"), dtype=str).fillna("")
