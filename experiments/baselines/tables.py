"""Methods beside controls, their ranks, and classifiers beside simple models, under `tables/`."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.ranks import OVERALL, mean_differences, means_and_ranks
from experiments.baselines import classifiers, measure
from experiments.baselines.measure import CONTROL
from experiments.baselines.measures import MEASURES, RIGHT
from reproduction.results import outputs as results
from reproduction.results.means import means

KINDS = ["data", "paper", "network", "kind", "method"]
POINT = ["measure", "method"]
COMPARED = tuple(name for name in MEASURES if name != "seconds")
"""Measures in which a method has to beat the controls; these need no time for the network."""
COLUMNS = ["networks", "value", "value_low", "value_high", "rank", "rank_low", "rank_high"]
MARGIN = ["control", "margin", "margin_low", "margin_high", "beats_controls"]


def main(cfg: DictConfig) -> None:
    """Write the tables.

    Raises:
        InputError: a job is not done.
    """
    rows = measure.read(cfg)
    tables = {
        "methods": methods(rows, cfg.seed),
        "ranks": ranks(rows, cfg.seed),
        "classifiers": classifiers.table(cfg),
    }
    results.write(cfg, tables, "tables")


def methods(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean of each measure with a 95 % interval over speakers, one row a network and method.

    `left_out` says why a method could not explain a network, or some of its clips.
    """
    reasons = rows[rows.left_out != ""].groupby(KINDS, sort=False).left_out.first()
    table = means(rows, KINDS, list(MEASURES), seed)
    return table.merge(reasons.reset_index(), "left", KINDS)


def ranks(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a measure and method, over all networks that have it (`networks`).

    The mean of the measure (`value`), the mean `rank` within networks (1 is best), and the
    smallest difference to a control on the same clips (`margin`, above zero is better; `control`
    says which), all with 95 % intervals over speakers. `beats_controls` says whether the intervals
    of the differences to all controls are above zero. `overall` is the mean rank over the measures
    that say whether an explanation is right.
    """
    named = rows.assign(model=rows.paper + " " + rows.network, stratum=rows.paper)
    right = standing(named, RIGHT, seed)
    beside = standing(named, [name for name in MEASURES if name not in RIGHT], seed)
    table = pd.concat([right, beside[beside.measure != OVERALL]])
    table = table.merge(pd.DataFrame(compared(named)), "left", POINT)
    kind = rows[["method", "kind"]].drop_duplicates()
    table = table.merge(networks(named), "left", POINT).merge(kind, "left", "method")
    return table[[*POINT, "kind", *COLUMNS, *MARGIN]]


def networks(rows: pd.DataFrame) -> pd.DataFrame:
    """Of how many networks each measure of each method is known, and any at all (`overall`)."""
    known = rows.melt(["model", "method"], list(MEASURES), "measure").dropna(subset="value")
    both = pd.concat([known, known.assign(measure=OVERALL)])
    return both.groupby(POINT).model.nunique().rename("networks").astype("Int64").reset_index()


def standing(rows: pd.DataFrame, measures: Sequence[str], seed: int) -> pd.DataFrame:
    """Means and ranks as columns, one row a measure and method; `overall` has no mean."""
    both = means_and_ranks(rows, {name: MEASURES[name] for name in measures}, seed=seed)
    columns = {
        f"{what}{end}": part.T.rename_axis("measure").rename_axis("method", axis=1).stack()
        for what, bounded in zip(("value", "rank"), both, strict=True)
        for end, part in zip(("", "_low", "_high"), bounded, strict=True)
    }
    index = columns["rank"].index
    return pd.DataFrame(columns).reindex(index).reset_index()


def compared(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One row a measure and method: the control that it is least above, and whether above all."""
    controls = list(rows[rows.kind == CONTROL].method.unique())
    for name in COMPARED:
        signed = rows.assign(**{name: MEASURES[name] * rows[name]})
        for method in rows[rows.kind != CONTROL].method.unique():
            known = mean_differences(signed, method, controls, name).dropna(subset="value")
            if len(known):
                yield {"measure": name, "method": method, **least(known)}


def least(known: pd.DataFrame) -> dict[str, Any]:
    """The smallest of the margins above controls."""
    nearest = known.loc[known.value.idxmin()]
    return {
        "control": nearest.other,
        "margin": nearest.value,
        "margin_low": nearest.low,
        "margin_high": nearest.high,
        "beats_controls": "yes" if (known.low > 0).all() else "no",
    }
