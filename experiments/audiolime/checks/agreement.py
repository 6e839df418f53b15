"""Do explanations of one clip agree: `agreement.csv`.

Each row is a clip and two explanations on the same components: audioLIME of estimated sources and
of the true stems, or with something else in the place of silence, or Shapley values of the same
components. `rank_correlation` is Spearman's over components, `same_best` whether the best one is
the same, `time` the rank correlation over segments, added up over sources: that one is also told of
components that differ, of audioLIME and SLIME.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness.judge.agreement import rank_correlation
from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction.results import checks

CHECK = "agreement"
REFERENCE = "audiolime"
SHAPLEY = "shapley"


def main(cfg: DictConfig) -> None:
    """Compare audioLIME with every other explanation of the same clip."""
    clips = answers.tables(cfg, CLIPS)
    first = {(row.tagger, row["clip"]): found for row, found in answers.each(cfg, clips, REFERENCE)}
    rows: list[dict[str, Any]] = []
    for method in cfg.methods:
        for row, found in answers.each(cfg, clips, method):
            told = {"clip": row["clip"], "speaker": row.speaker, "tagger": row.tagger}
            own = first[row.tagger, row["clip"]]
            for second, values in compared(method, found):
                pair = own.explanation.values, values.reshape(found.explanation.values.shape)
                rows.append(told | {"second": second} | agreement(*pair))
    checks.write(cfg, CHECK, pd.DataFrame(rows))


def compared(method: str, found: answers.Answers) -> Iterator[tuple[str, Tensor]]:
    """What the reference is compared with: a name, and values of the method's components."""
    if method != REFERENCE:
        yield method, found.explanation.values
    elif found.shapley is not None:
        yield SHAPLEY, found.shapley


def agreement(first: Tensor, second: Tensor) -> dict[str, float]:
    """Of values `(sources, segments)` of one and another explanation."""
    alike = first.shape == second.shape
    nothing = float("nan")
    return {
        "rank_correlation": rank_correlation(first, second) if alike else nothing,
        "same_best": float(first.argmax() == second.argmax()) if alike else nothing,
        "time": rank_correlation(first.sum(0), second.sum(0)),
    }
