"""Verdicts on published numbers and claims as statistics: `verdicts.csv`, `claims.csv`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness.judge.bootstrap import Interval, mean_interval, ratio_interval
from earwitness.judge.challenge import macc_interval
from experiments.heart.checks import murmur
from experiments.heart.checks import randomisation as forgetting
from experiments.heart.explain import methods, store
from experiments.heart.tables.classification import MODELS, SPLITS, clips, recordings
from experiments.heart.tables.importance import CHANNELS_SHARE, compared, shared
from experiments.heart.tables.segmentation import ratios, tested
from reproduction import sweep
from reproduction.results import checks
from reproduction.results import outputs as results
from reproduction.results.claims import Claim, ClaimStatistics, claim
from reproduction.results.verdicts import Verdict, verdict
from reproduction.store import ExplainedClip

PUBLISHED = Path(__file__).with_name("published.yaml")
MARGIN = 0.02
"""MAcc below which a difference does not count."""
NEARLY_ALL = 0.98
"""What "almost 100 %" is taken to be at least."""
SOUGHT = 0.95
"""Share of planted murmurs that a method should hit."""


def main(cfg: DictConfig) -> None:
    """Write the verdicts and the claims."""
    sweep.require_finished(cfg)
    answered = clips(cfg)
    results.write_judgements(cfg, verdicts(cfg, answered), claims(cfg, answered))


def verdicts(cfg: DictConfig, answered: pd.DataFrame) -> Iterator[Verdict]:
    """Each published score beside ours."""
    names = sweep.corpus_names(cfg)
    by_recording = recordings(answered)
    for published in yaml.safe_load(PUBLISHED.read_text())["scores"]:
        ours = score_of(cfg, published, by_recording)
        yield verdict(published, ours, names[published["study"]])


def score_of(cfg: DictConfig, published: dict[str, Any], answers: pd.DataFrame) -> Interval:
    """Our value of what is published."""
    if published["measure"] == "MAcc":
        same = (answers.study == published["study"]) & (answers.model == published["model"])
        rows = answers[same]
        return macc_interval(right(rows), rows.label == 1, rows.speaker, cfg.seed)
    counts = tested(cfg)
    decoded = counts[counts.decoded]
    parts, wholes = ratios(decoded)[published["measure"]]
    return ratio_interval(parts, wholes, decoded.speaker, seed=cfg.seed)


def right(rows: pd.DataFrame) -> pd.Series:
    """1 for each right answer."""
    return ((rows.p_1 > 0.5) == (rows.label == 1)).astype(int)


def claims(cfg: DictConfig, answered: pd.DataFrame) -> Iterator[Claim]:
    """What the paper says and what this project adds."""
    corpus = sweep.corpus_names(cfg)[cfg.explain.study]
    explained = store(cfg).read()
    for statistics in (
        segmentation_claims(cfg.seed, recordings(answered)),
        split_claims(cfg.seed, answered),
        state_claims(cfg, explained),
        agreement_claims(cfg, explained),
        forgetting_claims(cfg),
        murmur_claims(cfg),
    ):
        for identity, text, statistic in statistics:
            yield claim(identity, text, statistic, corpus)


def segmentation_claims(seed: int, answers: pd.DataFrame) -> ClaimStatistics:
    """Whether one can do without the segmentation, and whether that is almost always right."""
    for study, split in (("record", SPLITS["record"]), ("database", SPLITS["database"])):
        by_model = dict(list(answers[answers.study == study].groupby("model")))
        for other in ("mfcc_states", "segments"):
            apart = paired(seed, by_model["mfcc"], by_model[other])
            yield (
                f"no_need_of_{other}_{study}",
                f"the paper: MFCCs alone are at most {MARGIN} of MAcc below MFCCs "
                f"({MODELS[other][1]}), {split} (difference plus {MARGIN})",
                shifted(apart, MARGIN),
            )
    rows = answers[(answers.study == "record") & (answers.model == "mfcc")]
    score = macc_interval(right(rows), rows.label == 1, rows.speaker, seed)
    text = f"the paper: almost 100 % without segmentation (MAcc by record less {NEARLY_ALL})"
    yield "almost_all_right", text, shifted(score, -NEARLY_ALL)


def split_claims(seed: int, answered: pd.DataFrame) -> ClaimStatistics:
    """What the split is worth: clips of known recordings, and recordings of unknown origin."""
    for model in ("mfcc", "mfcc_states", "segments"):
        by_study = dict(list(answered[answered.model == model].groupby("study")))
        for easier, harder in (("segment", "record"), ("record", "database")):
            yield (
                f"{easier}_above_{harder}_{model}",
                f"ours: {MODELS[model][0]} ({MODELS[model][1]}) {SPLITS[easier]} beats "
                f"{SPLITS[harder]}, on the same clips (difference of MAcc pooled over databases)",
                paired(seed, by_study[easier], by_study[harder]),
            )


def state_claims(cfg: DictConfig, explained: list[ExplainedClip]) -> ClaimStatistics:
    """What the network listens to."""
    rows = pd.DataFrame([row for clip in explained for row in shared(methods(cfg), clip)])
    rows = rows.dropna(subset="share")
    channels = rows[(rows.method == "shapley_states") & (rows.state == CHANNELS_SHARE)]
    yield (
        "sound_above_segmentation",
        "the paper asks: local features count for more than the segmentation "
        '(share of the sound less that of the state rows in what speaks for "abnormal")',
        mean_interval(1 - 2 * channels.share, channels.speaker, seed=cfg.seed),
    )
    for method in ("shapley_time", "gradient_shap"):
        quiet = rows[(rows.method == method) & rows.state.isin(["systole", "diastole"])]
        quiet = quiet[(quiet.diagnosis == "abnormal") & quiet.right]
        above = (quiet.share - quiet.chance).groupby(quiet.speaker).sum()
        yield (
            f"between_sounds_{method}",
            f"ours: {method} finds the abnormal between S1 and S2 more than by chance, in "
            "abnormal clips answered right (share of systole and diastole less their time)",
            mean_interval(above, above.index.to_series(), seed=cfg.seed),
        )


def agreement_claims(cfg: DictConfig, explained: list[ExplainedClip]) -> ClaimStatistics:
    """Whether SHAP and occlusion, which the paper joins, see the same."""
    rows = pd.concat([compared(methods(cfg), clip) for clip in explained]).dropna(subset="value")
    rows = rows[rows.measure == "rank correlation"]
    for first in ("gradient_shap", "shapley_time"):
        pair = {first, "occlusion_240ms"}
        same = rows[[{a, b} == pair for a, b in zip(rows["first"], rows["second"], strict=True)]]
        yield (
            f"{first}_with_occlusion",
            f"the paper: {first} and occlusion of 240 ms agree (rank correlation over time)",
            mean_interval(same.value, same.speaker, seed=cfg.seed),
        )


def forgetting_claims(cfg: DictConfig) -> ClaimStatistics:
    """Whether explanations depend on what was learnt."""
    rows = checks.read(cfg, forgetting.CHECK).dropna(subset="value")
    last = rows[rows.layer == rows.layer.iloc[-1]]
    for method, group in last.groupby("method", sort=False):
        yield (
            f"forgets_{method}",
            f"ours: {method} loses more than half of its likeness when the network forgets all "
            "(0.5 less the rank correlation of magnitudes)",
            mean_interval(0.5 - group.value, group.speaker, seed=cfg.seed),
        )


def murmur_claims(cfg: DictConfig) -> ClaimStatistics:
    """Whether planted murmurs are found, where there are any."""
    rows = checks.read(cfg, murmur.CHECK)
    explained = rows[rows.right.astype(bool) & (rows.method != murmur.CONTROL)]
    for method, group in explained.groupby("method", sort=False):
        above = mean_interval(group.hit - group.chance, group.speaker, seed=cfg.seed)
        text = f"ours: {method} hits planted murmurs, answered right, "
        yield f"murmur_above_chance_{method}", text + "more often than by chance", above
        hits = mean_interval(group.hit - SOUGHT, group.speaker, seed=cfg.seed)
        yield (
            f"murmur_found_{method}",
            text + f"in {100 * SOUGHT:.0f} % of clips (hit rate less that)",
            hits,
        )


def shifted(statistic: Interval, by: float) -> Interval:
    """A statistic and its interval, moved."""
    return statistic._replace(
        value=statistic.value + by, low=statistic.low + by, high=statistic.high + by
    )


def paired(seed: int, first: pd.DataFrame, second: pd.DataFrame) -> Interval:
    """Difference of MAcc on the recordings, or the clips, that both were tested on."""
    item = [name for name in ("file", "start_s") if name in first]
    both = first.merge(second[[*item, "p_1"]], on=item, suffixes=("", "_other"))
    gained = right(both) - right(both.assign(p_1=both.p_1_other))
    return macc_interval(gained, both.label == 1, both.speaker, seed)
