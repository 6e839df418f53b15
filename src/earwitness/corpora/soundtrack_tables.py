"""Eerola's tables of rated film music: features instead of sound, which may not be passed on."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.ratings import EMOTIONS
from earwitness.errors import InputError

NAME = "Film music, features"
LICENCE = "MIT"
PERCEPTUAL = (
    "articulation",
    "brightness",
    "density",
    "harmonic_complexity",
    "key_clarity",
    "mode",
    "pulse_clarity",
    "repetitiveness",
)
"""What listeners rated in the annotated excerpts; these are not Aljanaki and Soleymani's."""
FIRST_FEATURE = "RMS"
"""Column with which the features begin; all others follow it."""
TABLES = ("soundtrack", "annotations")
"""What the tables of both collections are called: ratings, and features beside them."""


@dataclass(frozen=True)
class FeatureCorpus(Corpus):
    """Excerpts of which features are known and no sound: a "wave" is a row of features.

    Attributes:
        features: their names, columns of the records.
    """

    features: tuple[str, ...] = ()

    def waves(self, rows: pd.Index) -> list[Tensor]:
        """Features of the excerpts of `rows`: float32 `(features,)` each."""
        values = self.records.loc[rows, list(self.features)].to_numpy("float32")
        return list(torch.from_numpy(values))


def load(root: str | Path) -> FeatureCorpus:
    """Read 110 excerpts rated for emotions and 100 others rated for perceptual properties.

    Ratings are divided by ten. An excerpt has NaN for what it was not rated for. The `speaker` is
    the film of an excerpt where it is known, so that no film is on both sides of a split. Features
    are means over an excerpt, as librosa has them.

    Raises:
        InputError: a table is missing or lacks a column.
    """
    root = Path(root)
    rated, described = (_table(root, name) for name in TABLES)
    rated = rated.rename(columns={name.title(): name for name in EMOTIONS})
    rated = rated.assign(speaker="film " + rated["soundtrack"].astype(str))
    described.insert(0, "speaker", [f"excerpt {number}" for number in described["nro"]])
    features = tuple(described.columns[described.columns.get_loc(FIRST_FEATURE) :])
    columns = ["file", "speaker", "excerpt", *EMOTIONS, *PERCEPTUAL, *features]
    records = pd.concat([rated, described], ignore_index=True)
    missing = set(columns) - set(records.columns)
    if missing:
        raise InputError(f"{root}: its tables lack {sorted(missing)}; prepare {NAME} again")
    records = records[columns].assign(frames=len(features))
    ratings = [*EMOTIONS, *PERCEPTUAL]
    records[ratings] = records[ratings] / 10
    return FeatureCorpus(NAME, root, records, LICENCE, rate=1, features=features)


def _table(root: Path, name: str) -> pd.DataFrame:
    """Ratings of some excerpts with their features."""
    paths = [root / f"{name}.csv", root / f"{name}_features.csv"]
    for path in paths:
        if not path.is_file():
            raise InputError(
                f"{path}: {NAME} is not there; give DATA_DIR=<folder that holds {root.name}/>"
            )
    ratings, features = map(pd.read_csv, paths)
    if len(ratings) != len(features):
        raise InputError(
            f"{paths[1]}: {len(features)} excerpts, {paths[0].name} has {len(ratings)}; "
            f"prepare {NAME} again"
        )
    identity = {
        "file": f"{name}_features.csv",
        "excerpt": name + "/" + features["File"].astype(str),
    }
    return pd.concat([pd.DataFrame(identity), ratings, features.drop(columns="File")], axis=1)
