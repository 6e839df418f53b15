"""A tagger's answers to coalitions of a clip's components, and the tables of all jobs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.coalitions import Estimate
from earwitness.explain.explanation import Explanation
from earwitness.explain.lime import Lime, LimeForest
from earwitness.models.taggers.published import RATE
from experiments.audiolime.music import SEPARATION, TAGGERS
from reproduction import config, sweep
from reproduction.csv_files import read_csv
from reproduction.store import ExplainedClip, Store


@dataclass(frozen=True, eq=False)
class Answers:
    """Every answer to coalitions of the components of one clip, divided by one method.

    Attributes:
        explanation: by LIME with a ridge regression, from all draws.
        drawn: the coalitions `(draws, components)`, bool, in the order in which they were drawn.
        outcomes: probability of the explained tag for each, `(draws,)`, float64.
        energy: of each component's sound, `(components,)`, sum of squared samples.
        shapley: Shapley values `(components,)`, probability; None where none were computed.
    """

    explanation: Explanation
    drawn: Tensor
    outcomes: Tensor
    energy: Tensor
    shapley: Tensor | None = None

    def fitted(self, surrogate: Lime | LimeForest, draws: slice = slice(None)) -> Estimate:
        """The values that a surrogate has when it is fitted to some of the draws."""
        return surrogate.fit(self.drawn[draws], self.outcomes[draws])

    def write(self, clip: ExplainedClip, method: str) -> None:
        """Write the explanation and the answers of a method; coalitions take a bit a component."""
        clip.write_explanation(self.explanation, method)
        content = {
            "drawn": torch.from_numpy(np.packbits(self.drawn.numpy(), axis=1)),
            "outcomes": self.outcomes.float(),
            "energy": self.energy,
            "shapley": self.shapley,
        }
        clip.write_answers(content, method)

    @classmethod
    def read(cls, clip: ExplainedClip, method: str) -> "Answers":
        """Read what `write` wrote; InputError if a file is missing or damaged."""
        explanation, content = clip.explanation(method), clip.answers(method)
        count = explanation.values.numel()
        drawn = np.unpackbits(content["drawn"].numpy(), axis=1, count=count).astype(bool)
        outcomes = content["outcomes"].double()
        return cls(
            explanation, torch.from_numpy(drawn), outcomes, content["energy"], content["shapley"]
        )


def store(cfg: DictConfig) -> Store:
    """The clips that the jobs explained, whose rows `tables` has."""
    folder = config.paper_folder(cfg, "runs") / "jobs"
    return Store(folder, ("study", "tagger", "fold", "clip"), RATE)


def music(cfg: DictConfig) -> list[str]:
    """Names of the studies whose music is explained."""
    return [study for study in cfg.studies if study not in (SEPARATION, TAGGERS)]


def corpora(cfg: DictConfig) -> str:
    """The names that tables and captions have for the music that is explained."""
    names = sweep.corpus_names(cfg)
    return ", ".join(sorted({names[study] for study in music(cfg)}))


def tables(cfg: DictConfig, name: str) -> pd.DataFrame:
    """A table that every job that explained music wrote, with study, tagger and fold."""
    parts = []
    for job in sweep.jobs_of(cfg, *music(cfg)):
        table = read_csv(job.folder / name)
        if len(table.columns):
            parts.append(table.assign(study=job.study, tagger=job.model, fold=job.fold))
    return pd.concat(parts, ignore_index=True)


def each(clips: Iterable[ExplainedClip], method: str) -> Iterator[tuple[ExplainedClip, Answers]]:
    """The clips that a method has divided, with its answers."""
    for clip in clips:
        if clip.has_explanation(method):
            yield clip, Answers.read(clip, method)


def clip_columns(clip: ExplainedClip) -> dict[str, Any]:
    """The columns that name a clip in the table of a check."""
    return {"clip": clip.row.clip, "speaker": clip.row.speaker, "tagger": clip.row.tagger}
