"""How many draws are enough: `convergence.csv`, of clips with as many draws as in the paper.

Each row is a clip, a method, a surrogate and a number of draws. `to_full` compares the surrogate of
the first so many draws with that of all (Spearman's rank correlation of the components), `best`
says whether the best component is the same, `top` is the share of the k best that are. `between` is
the rank correlation of surrogates from disjoint draws, averaged over pairs: the agreement between
seeds. It is NaN where all draws do not make two such parts.
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
from reproduction.parallel import parallel_map
from reproduction.results import checks

CHECK = "convergence"
FEWEST_DRAWS = 64
MAX_PARTS = 3
"""Surrogates from disjoint draws that are compared, at most."""

ClipAnswers = tuple[dict[str, Any], Answers]
"""Columns that describe a clip and method, and the answers."""


def main(cfg: DictConfig) -> None:
    """Fit surrogates to parts of the draws."""
    table = answers.tables(cfg, CLIPS)
    clips = answers.store(cfg).clips(table[table.full])
    items = [
        (answers.clip_columns(clip) | {"method": method}, answered)
        for method in cfg.compared
        for clip, answered in answers.each(clips, method)
    ]
    work = partial(
        rows_of_clip, k=min(cfg.top.k), forest_draws=cfg.convergence.forest, seed=cfg.seed
    )
    rows = parallel_map(work, items, cfg.processes, "fitting surrogates")
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def rows_of_clip(item: ClipAnswers, k: int, forest_draws: int, seed: int) -> list[dict[str, Any]]:
    """Rows of one clip and method; forests are fitted to `forest_draws` at most."""
    columns, answered = item
    ridge = by_draws(answered, Lime(seed=seed), len(answered.drawn), k)
    forest = by_draws(answered, LimeForest(seed=seed), forest_draws, k)
    return [columns | row for row in chain(ridge, forest)]


def by_draws(
    answered: Answers, surrogate: Lime | LimeForest, max_draws: int, k: int
) -> Iterator[dict[str, Any]]:
    """One row for each number of draws, doubled from `FEWEST_DRAWS` to `max_draws` or to all."""
    total = min(max_draws, len(answered.drawn))
    full = answered.fitted(surrogate, slice(total)).values
    draws = FEWEST_DRAWS
    while draws <= total:
        values = answered.fitted(surrogate, slice(draws)).values
        yield {
            "surrogate": surrogate.name,
            "draws": draws,
            "to_full": rank_correlation(values, full),
            "best": float(values.argmax() == full.argmax()),
            "top": len({*best(values, k)} & {*best(full, k)}) / k,
            "between": between_parts(answered, surrogate, draws),
        }
        draws *= 2


def between_parts(answered: Answers, surrogate: Lime | LimeForest, draws: int) -> float:
    """Mean rank correlation of surrogates from disjoint draws; NaN if there are none."""
    parts = min(MAX_PARTS, len(answered.drawn) // draws)
    if parts < 2:
        return float("nan")
    slices = [slice(part * draws, (part + 1) * draws) for part in range(parts)]
    values = [answered.fitted(surrogate, part).values for part in slices]
    return float(np.mean([rank_correlation(*pair) for pair in combinations(values, 2)]))


def best(values: Tensor, k: int) -> list[int]:
    """Indices of the k largest of `values` `(components,)`, changes of probability."""
    return values.topk(k).indices.tolist()
