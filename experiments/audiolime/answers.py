"""What a tagger has answered about coalitions of a clip's components, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.coalitions import Estimate
from earwitness.explain.explanation import Explanation
from earwitness.explain.lime import Lime, LimeForest
from earwitness.files import atomic
from experiments.audiolime.music import SEPARATION, TAGGERS
from reproduction import config, sweep
from reproduction.csv_files import read_csv


@dataclass(frozen=True, eq=False)
class Answers:
    """Everything that was asked about a clip divided in one way.

    Attributes:
        explanation: by LIME with a ridge regression, from all draws.
        drawn: the coalitions `(draws, components)`, bool, in the order in which they were drawn.
        outcomes: probability of the explained tag for each, `(draws,)`, float64.
        energy: of each component's sound, `(components,)`.
        shapley: Shapley values `(components,)`, where they were asked for.
    """

    explanation: Explanation
    drawn: Tensor
    outcomes: Tensor
    energy: Tensor
    shapley: Tensor | None = None

    def fitted(self, surrogate: Lime | LimeForest, draws: slice = slice(None)) -> Estimate:
        """A surrogate's values from some of the draws."""
        return surrogate.fit(self.drawn[draws], self.outcomes[draws])

    def save(self, path: Path) -> None:
        """Write the explanation to `path`, and the rest beside it as plain data."""
        self.explanation.save(path)
        content = {
            "drawn": torch.from_numpy(np.packbits(self.drawn.numpy(), axis=1)),
            "outcomes": self.outcomes.float(),
            "energy": self.energy,
            "shapley": self.shapley,
        }
        with atomic(_beside(path)) as temporary:
            torch.save(content, temporary)

    @classmethod
    def load(cls, path: Path) -> "Answers":
        """Read what `save` wrote.

        Raises:
            InputError: a file is missing or damaged.
        """
        explanation = Explanation.load(path)
        try:
            content = torch.load(_beside(path), weights_only=True)
        except Exception as error:  # whatever a damaged file makes torch raise
            raise InputError(f"{_beside(path)}: not readable; make it again") from error
        count = explanation.values.numel()
        drawn = np.unpackbits(content["drawn"].numpy(), axis=1, count=count).astype(bool)
        outcomes = content["outcomes"].double()
        return cls(
            explanation, torch.from_numpy(drawn), outcomes, content["energy"], content["shapley"]
        )


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}_answers.pt")


def music(cfg: DictConfig) -> list[str]:
    """The studies of music that is explained."""
    return [study for study in cfg.studies if study not in (SEPARATION, TAGGERS)]


def corpora(cfg: DictConfig) -> str:
    """What tables and captions call the music that is explained."""
    names = sweep.corpus_names(cfg)
    return ", ".join(sorted({names[study] for study in music(cfg)}))


def tables(cfg: DictConfig, name: str) -> pd.DataFrame:
    """A table that every job that explained music left, with study, tagger and fold."""
    found = []
    for job in sweep.jobs_of(cfg, *music(cfg)):
        try:
            table = read_csv(job.folder / name)
        except pd.errors.EmptyDataError:
            continue
        found.append(table.assign(study=job.study, tagger=job.model, fold=job.fold))
    return pd.concat(found, ignore_index=True)


def each(cfg: DictConfig, table: pd.DataFrame, method: str) -> Iterator[tuple[pd.Series, Answers]]:
    """Clips of a table that a method has divided, with the answers."""
    for _, row in table.iterrows():
        path = folder(cfg, row) / f"{method}.pt"
        if path.is_file():
            yield row, Answers.load(path)


def folder(cfg: DictConfig, row: pd.Series) -> Path:
    """Where the answers and sounds of a row of `tables` are."""
    jobs = config.paper_folder(cfg, "runs") / "jobs"
    return jobs / row.study / row.tagger / str(row.fold) / row["clip"]
