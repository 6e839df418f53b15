"""Verdicts on published numbers and claims as statistics: `verdicts.csv`, `claims.csv`."""

from collections.abc import Iterator, Sequence

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import mean_interval
from experiments.audiolime import answers
from experiments.audiolime.checks import agreement, convergence, localisation
from experiments.audiolime.tables.judged import fidelity_tells
from experiments.audiolime.tables.same_tag import (
    AUDIOLIME,
    POSITIVE,
    RANDOM,
    SLIME,
    TAGGER_NAMES,
    on_the_same_clips,
    published,
    scores,
)
from experiments.audiolime.tables.trained import quality
from reproduction import sweep
from reproduction.results import checks
from reproduction.results import outputs as results
from reproduction.results.claims import ClaimStatistics, claim
from reproduction.results.means import mean_by_speaker
from reproduction.results.verdicts import Verdict, verdict

ENOUGH = 0.9
"""A rank correlation above this is agreement."""

IDS = {AUDIOLIME: "audiolime", SLIME: "slime", POSITIVE: "random", RANDOM: "random_of_all"}
"""Explanations in the ids of claims."""


def main(cfg: DictConfig) -> None:
    """Write the verdicts and the claims."""
    sweep.require_finished(cfg)
    data = answers.corpora(cfg)
    rows = scores(cfg)
    statistics = [
        *order(cfg.top.k, cfg.seed, rows),
        *enough(cfg),
        *alike(cfg),
        *causes(cfg),
        *separated(cfg),
    ]
    results.write_judgements(
        cfg, verdicts(cfg.seed, rows, data), (claim(*each, data) for each in statistics)
    )


def verdicts(seed: int, rows: pd.DataFrame, data: str) -> Iterator[Verdict]:
    """Each published point beside ours, of the taggers that were explained."""
    for point in published():
        own = rows[
            (rows.tagger == point["tagger"])
            & (rows.k == point["k"])
            & (rows.explanation == point["explanation"])
        ]
        if len(own):
            yield verdict(point, mean_interval(own.same, own.speaker, seed=seed), data)


def order(sizes: Sequence[int], seed: int, rows: pd.DataFrame) -> ClaimStatistics:
    """The paper's order of explanations, on the clips that both have a row for."""
    for tagger in dict.fromkeys(rows.tagger):
        own = rows[rows.tagger == tagger]
        for better, worse in ((AUDIOLIME, SLIME), (SLIME, POSITIVE), (AUDIOLIME, POSITIVE),
                              (AUDIOLIME, RANDOM)):  # fmt: skip
            pairs = on_the_same_clips(own, better, worse)
            for k in sizes:
                at = pairs[pairs.k == k]
                if len(at):
                    yield (
                        f"{IDS[better]}_above_{IDS[worse]}_{tagger}_{k}",
                        f"{TAGGER_NAMES[tagger]} keeps its tag more often with the {k} best "
                        f"components of {better} than with those of {worse} (difference of shares)",
                        mean_interval(at[better] - at[worse], at.speaker, seed=seed),
                    )


def enough(cfg: DictConfig) -> ClaimStatistics:
    """Whether as many draws as most clips have are enough."""
    rows = checks.read(cfg, convergence.CHECK)
    for (tagger, method), group in rows[rows.surrogate == "LIME"].groupby(
        ["tagger", "method"], sort=False
    ):
        draws = int(cfg.draws[tagger])
        own = group[group.draws == draws].dropna(subset="to_full")
        if len(own) and draws < group.draws.max():
            yield (
                f"draws_enough_{method}_{tagger}",
                f"ours: {draws} draws give {TAGGER_NAMES[tagger]}'s {method} weights the order of "
                f"{group.draws.max()} (rank correlation less {ENOUGH})",
                mean_interval(own.to_full - ENOUGH, own.speaker, seed=cfg.seed),
            )


AGREEING = {
    "true_stems": "weights of estimated sources agree with those of the true stems",
    "shapley": "LIME's weights agree with Shapley values of the same components",
    "audiolime_noise": "weights against silence agree with those against noise",
    "audiolime_other": "weights against silence agree with those against another track",
}
"""What audioLIME's weights are compared with."""


def alike(cfg: DictConfig) -> ClaimStatistics:
    """Whether explanations with the same components agree."""
    rows = checks.read(cfg, agreement.CHECK)
    for (tagger, second), group in rows.groupby(["tagger", "second"], sort=False):
        known = group.dropna(subset="rank_correlation")
        if second in AGREEING and len(known):
            yield (
                f"agrees_{second}_{tagger}",
                f"ours: audioLIME of {TAGGER_NAMES[tagger]}: {AGREEING[second]} (rank correlation "
                "over components)",
                mean_interval(known.rank_correlation, known.speaker, seed=cfg.seed),
            )


def causes(cfg: DictConfig) -> ClaimStatistics:
    """Whether explanations locate planted causes, and whether fidelity predicts it."""
    rows = checks.read(cfg, localisation.CHECK)
    if rows.empty:
        return
    rows = localisation.with_most_draws(rows)
    ridge = rows[rows.explanation == "LIME"]
    wide = rows.pivot(
        index=["tagger", "method", "clip", "speaker"], columns="explanation", values="auc_time"
    )
    for (tagger, method), times in wide.groupby(level=["tagger", "method"], sort=False):
        what = f"{TAGGER_NAMES[tagger]}, {method}"
        for better, worse in (("LIME", "loudness"), ("LIME forest", "LIME")):
            yield (
                f"{better.lower().replace(' ', '_')}_above_{worse.lower()}_{method}_{tagger}",
                f"ours: {better} finds the planted passage better than {worse} ({what}; difference "
                "of AUC over segments)",
                mean_by_speaker(times[better] - times[worse], cfg.seed),
            )
        yield (
            f"fidelity_tells_truth_{method}_{tagger}",
            f"ours: where LIME's surrogate is faithful it is right ({what}; rank correlation of "
            "R^2 and AUC over clips)",
            fidelity_tells(
                cfg.seed, ridge[(ridge.tagger == tagger) & (ridge.method == method)], "auc_time"
            ),
        )
    yield from sources_help(cfg.seed, wide)


def sources_help(seed: int, wide: pd.DataFrame) -> ClaimStatistics:
    """Whether audioLIME's sources locate the passage better than SLIME's bands."""
    times = wide["LIME"].unstack("method")
    for tagger, group in times.groupby(level="tagger", sort=False):
        for better, worse in (("audiolime", "slime"), ("true_stems", "audiolime")):
            yield (
                f"passage_{better}_above_{worse}_{tagger}",
                f"ours: {better} finds the planted passage better than {worse} "
                f"({TAGGER_NAMES[tagger]}; difference of AUC over segments)",
                mean_by_speaker(group[better] - group[worse], seed),
            )


def separated(cfg: DictConfig) -> ClaimStatistics:
    """Whether separated sources beat the whole song as the estimate of each source."""
    rows = quality(cfg)
    for source, group in rows.groupby("source", sort=False):
        yield (
            f"separation_{source}",
            f"ours: Open-Unmix trained here gains on the mixture, {source} (SI-SDR, dB)",
            mean_interval(group.si_sdr - group.mixture, group.speaker, seed=cfg.seed),
        )
