"""Do explanations of one clip agree: `agreement.csv`.

Each row is a clip and audioLIME compared with a `second` explanation: audioLIME of the true stems
in place of estimated sources, audioLIME with another replacement for silence, SLIME, or Shapley
values of the same components. `rank_correlation` is Spearman's over components and `same_best` says
whether both have the same best component; both are NaN where components differ. `time` is the rank
correlation over segments, summed over sources or bands.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness.judge.agreement import rank_correlation
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction.results import checks

CHECK = "agreement"
REFERENCE = "audiolime"
SHAPLEY = "shapley"


def main(cfg: DictConfig) -> None:
    """Compare audioLIME with every other explanation of the same clip."""
    clips = answers.store(cfg).clips(answers.tables(cfg, CLIPS))
    reference = {clip.folder: own.explanation for clip, own in answers.each(clips, REFERENCE)}
    rows: list[dict[str, Any]] = []
    for method in cfg.methods:
        for clip, answered in answers.each(clips, method):
            for second, values in second_explanations(method, answered):
                values = values.reshape(answered.explanation.values.shape)
                scores = agreement(reference[clip.folder].values, values)
                rows.append(answers.clip_columns(clip) | {"second": second} | scores)
    checks.write(cfg, CHECK, pd.DataFrame(rows))


def second_explanations(method: str, answered: Answers) -> Iterator[tuple[str, Tensor]]:
    """Name and values `(components,)`, in probability, of what is compared with audioLIME."""
    if method != REFERENCE:
        yield method, answered.explanation.values
    elif answered.shapley is not None:
        yield SHAPLEY, answered.shapley


def agreement(first: Tensor, second: Tensor) -> dict[str, float]:
    """The agreement of values `(sources, segments)`, changes of probability, of two explanations.

    Returns:
        `rank_correlation` and `time` in [-1, 1], `same_best` 0 or 1; NaN where shapes differ.
    """
    comparable = first.shape == second.shape
    return {
        "rank_correlation": rank_correlation(first, second) if comparable else float("nan"),
        "same_best": float(first.argmax() == second.argmax()) if comparable else float("nan"),
        "time": rank_correlation(first.sum(0), second.sum(0)),
    }
