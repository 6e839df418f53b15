"""Verdicts on published numbers and claims as statistics: `verdicts.csv`, `claims.csv`."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness.corpora.synthetic_music import NAME as SYNTHETIC
from earwitness.corpora.synthetic_music import PLANTED
from earwitness.judge.bootstrap import Interval, mean_interval
from earwitness.judge.correlation import correlation_interval, cosine_interval
from experiments.midlevel.answers import (
    BOTTLENECKS,
    SCHEMES,
    difference,
    interval,
    last_layers,
    of_test_songs,
)
from experiments.midlevel.checks import cause, faithfulness
from experiments.midlevel.components import LOUDNESS
from experiments.midlevel.explain import STUDY, store
from experiments.midlevel.tables.correlations import MEAN, PUBLISHED
from experiments.midlevel.tables.judged import agreement_rows
from reproduction import sweep
from reproduction.results import checks
from reproduction.results import outputs as results
from reproduction.results.claims import ClaimStatistics, claim
from reproduction.results.means import mean_by_speaker
from reproduction.results.verdicts import Verdict, verdict

NOTHING = 0.02
"""A cost below this is not visible in a table of two digits, nor larger than between runs."""


def main(cfg: DictConfig) -> None:
    """Write the verdicts and the claims."""
    sweep.require_finished(cfg)
    data = sweep.corpus_names(cfg)[STUDY]
    answers = of_test_songs(cfg)
    statistics = [*cost_claims(cfg, answers), *weight_claims(cfg, data), *explanation_claims(cfg)]
    results.write_judgements(
        cfg, verdicts(cfg, answers, data), (claim(*each, data) for each in statistics)
    )


def verdicts(cfg: DictConfig, answers: pd.DataFrame, data: str) -> Iterator[Verdict]:
    """Each published correlation beside ours."""
    emotions = list(cfg.studies[STUDY].emotions)
    for published in yaml.safe_load(PUBLISHED.read_text())["correlations"]:
        rated = emotions if published["emotion"] == MEAN else [published["emotion"]]
        yield verdict(published, interval(cfg.seed, answers, published["scheme"], rated), data)


def cost_claims(cfg: DictConfig, answers: pd.DataFrame) -> ClaimStatistics:
    """What the paper says of the cost of explainability: mean r of emotions that is lost."""
    emotions = list(cfg.studies[STUDY].emotions)
    separate = difference(cfg.seed, answers, "a2e", "a2mid2e", emotions)
    joint = difference(cfg.seed, answers, "a2e", "joint", emotions)
    yield "separate_costs", "separate training costs explainability something (r lost)", separate
    yield (
        "joint_costs_less",
        "joint training costs less than separate training (difference of mean r)",
        difference(cfg.seed, answers, "joint", "a2mid2e", emotions),
    )
    yield (
        "joint_costs_nothing",
        f"joint training costs nothing measurable ({NOTHING} less the r lost)",
        Interval(NOTHING - joint.value, NOTHING - joint.high, NOTHING - joint.low, joint.n),
    )


def weight_claims(cfg: DictConfig, data: str) -> ClaimStatistics:
    """Whether last layers say what a musician expects, and what was planted."""
    layers = last_layers(cfg)
    for model in BOTTLENECKS:
        own = layers[layers.model == model]
        right = pd.DataFrame(signs(cfg.expected, own))
        yield (
            f"expected_signs_{model}",
            f"the weights of {SCHEMES[model]} have the signs that a musician expects, more often "
            "than by chance (share of right signs less one half)",
            mean_interval(right.right - 0.5, right.pair, seed=cfg.seed),
        )
        if data == SYNTHETIC:
            yield from recovered(cfg.seed, own, model)


def signs(
    expected_signs: Sequence[DictConfig], layers: pd.DataFrame
) -> Iterator[dict[str, object]]:
    """Whether each expected sign is that of each training's weight."""
    weights = layers.set_index(["emotion", "midlevel"]).weight.sort_index()
    for emotion, expected in chain.from_iterable(entry.items() for entry in expected_signs):
        for midlevel, sign in expected.items():
            for weight in weights.loc[emotion, midlevel]:
                yield {"pair": f"{midlevel!s}-{emotion!s}", "right": float(np.sign(weight) == sign)}


def recovered(seed: int, layers: pd.DataFrame, model: str) -> ClaimStatistics:
    """Similarity of learnt and planted weights; the resampled units are weights."""
    learnt = layers.pivot(index=["midlevel", "emotion"], columns="fold", values="weight")
    planted = PLANTED.rename_axis("midlevel").stack().rename_axis(["midlevel", "emotion"])
    truth = pd.DataFrame(dict.fromkeys(learnt, planted)).reindex(learnt.index)
    entries = pd.Series(range(len(learnt)))
    for name, text, measure in (
        ("correlation", "correlation", correlation_interval),
        ("cosine", "cosine similarity", cosine_interval),
    ):
        yield (
            f"planted_weights_{name}_{model}",
            f"ours: {SCHEMES[model]} finds the planted weights ({text})",
            measure(learnt, truth, entries, seed=seed),
        )


def explanation_claims(cfg: DictConfig) -> ClaimStatistics:
    """How the black box's explanation and the explainable network's compare."""
    black, explainable = cfg.explain.models
    agreed = agreement_rows(cfg, store(cfg).read())
    followed = checks.read(cfg, faithfulness.CHECK)
    for by in cfg.explain.by:
        rows = agreed[agreed.by == by].dropna(subset="value")
        yield (
            f"explanations_agree_{by}",
            f"ours: Shapley values of the black box and of the explainable network agree on which "
            f"part of a song matters, divided by {by} (rank correlation)",
            mean_interval(rows.value, rows.speaker, seed=cfg.seed),
        )
        yield from faithful(cfg.seed, followed[followed.by == by], by, black, explainable)
    yield from causes(cfg)


def faithful(
    seed: int, rows: pd.DataFrame, by: str, black: str, explainable: str
) -> ClaimStatistics:
    """Whose ranking of the parts answers follow, by deletion; means over emotions."""
    kinds = ["song", "speaker", "model", "ranking"]
    drops = rows.groupby(kinds).drop.mean().unstack(["model", "ranking"])
    for model in (black, explainable):
        for other in (faithfulness.RANDOM, LOUDNESS):
            yield (
                f"faithful_{model}_above_{other}_{by}",
                f"ours: deleting parts as {SCHEMES[model]}'s Shapley values rank them lowers its "
                f"ratings more than by {other}, divided by {by} (difference of mean drops)",
                mean_by_speaker(drops[model, model] - drops[model, other], seed),
            )
    own = drops[black, black] - drops[black, explainable]
    yield (
        f"own_explanation_better_{by}",
        f"ours: of the black box, its own Shapley values are more faithful than those of the "
        f"explainable network, divided by {by} (difference of mean drops)",
        mean_by_speaker(own, seed),
    )


def causes(cfg: DictConfig) -> ClaimStatistics:
    """Who finds the planted cause, where there is one."""
    rows = checks.read(cfg, cause.CHECK).fillna({"rating": ""})
    explained = rows[rows.model != LOUDNESS]
    for (by, model, rating), group in explained.groupby(["by", "model", "rating"], sort=False):
        yield (
            f"cause_{by}_{model}_{rating}",
            f"ours: the Shapley values of {SCHEMES[model]} for {rating} are largest where the "
            f"cause was planted, more often than by chance, divided by {by}",
            mean_interval(group.hit - group.chance, group.speaker, seed=cfg.seed),
        )
