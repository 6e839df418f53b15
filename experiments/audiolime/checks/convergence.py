"""How many draws are enough: `convergence.csv`, of clips that were asked about in full.

Each row is a clip, a method, a surrogate and a number of draws. `to_full` compares the surrogate of
the first so many draws with that of all (Spearman's rank correlation of the components), `best`
says whether the best component is the same, `top` is the share of the k best that are. `between` is
the rank correlation of surrogates from draws that have none in common, averaged over pairs: what
another seed would have said. Where the full count leaves no two such parts, it is not known.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain, combinations
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.lime import Lime, LimeForest
from earwitness.judge.agreement import rank_correlation
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction.parallel import each
from reproduction.results import checks

CHECK = "convergence"
LEAST = 64
"""Draws at least."""
PARTS = 3
"""Surrogates from draws of their own that are compared, at most."""

Compared = tuple[dict[str, Any], Answers]


def main(cfg: DictConfig) -> None:
    """Fit surrogates to parts of the draws."""
    clips = answers.tables(cfg, CLIPS)
    asked = [
        (
            {"clip": row["clip"], "speaker": row.speaker, "tagger": row.tagger, "method": method},
            found,
        )
        for method in cfg.compared
        for row, found in answers.each(cfg, clips[clips.full], method)
    ]
    rows = each(partial(of_clip, cfg), asked, cfg.processes, "fitting surrogates")
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def of_clip(cfg: DictConfig, asked: Compared) -> list[dict[str, Any]]:
    """Rows of one clip and method."""
    told, found = asked
    ridge, forest = Lime(seed=cfg.seed), LimeForest(seed=cfg.seed)
    rows = [told | row for row in compared(cfg, found, ridge, len(found.drawn))]
    return rows + [told | row for row in compared(cfg, found, forest, cfg.convergence.forest)]


def compared(
    cfg: DictConfig, found: Answers, surrogate: Lime | LimeForest, most: int
) -> Iterator[dict[str, Any]]:
    """One row a number of draws, doubled from the least to the most there are."""
    total = min(most, len(found.drawn))
    full = found.fitted(surrogate, slice(total)).values
    draws = LEAST
    while draws <= total:
        values = found.fitted(surrogate, slice(draws)).values
        k = min(cfg.top.k)
        yield {
            "surrogate": surrogate.name,
            "draws": draws,
            "to_full": rank_correlation(values, full),
            "best": float(values.argmax() == full.argmax()),
            "top": len({*best(values, k)} & {*best(full, k)}) / k,
            "between": between(found, surrogate, draws),
        }
        draws *= 2


def between(found: Answers, surrogate: Lime | LimeForest, draws: int) -> float:
    """Mean rank correlation of surrogates from disjoint draws."""
    parts = min(PARTS, len(found.drawn) // draws)
    if parts < 2:
        return float("nan")
    slices = [slice(part * draws, (part + 1) * draws) for part in range(parts)]
    values = [found.fitted(surrogate, one).values for one in slices]
    return float(np.mean([rank_correlation(*pair) for pair in combinations(values, 2)]))


def best(values: Tensor, k: int) -> list[int]:
    """The numbers of the k largest of `(components,)`."""
    return values.topk(k).indices.tolist()
