"""How well states are found: where they are annotated, and how sure one is where they are not."""

from itertools import chain, product
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from earwitness.judge.bootstrap import ratio_interval
from earwitness.judge.segmentation import HEART_SOUNDS
from earwitness.sound.heart_cycle import STATES
from experiments.heart.jobs.segmenter import RECORDINGS, TOLERANCES_MS
from experiments.heart.segmented import predicted_states
from reproduction import config, sweep
from reproduction.csv_files import read_csv

UNSURE = 0.6
"""Confidence below which a recording's states are unreliable."""


def segmentation(cfg: DictConfig) -> pd.DataFrame:
    """Frame accuracy, F1 of each state and of onsets, a row a fold and one of all, raw and decoded.

    Each with its interval over subjects.
    """
    counts = tested(cfg)
    groups = chain(counts.groupby(["fold", "decoded"]), counts.groupby("decoded"))
    return pd.DataFrame(segmented_row(cfg.seed, kind, group) for kind, group in groups)


def tested(cfg: DictConfig) -> pd.DataFrame:
    """The counts of every test recording of every fold, see `jobs.segmenter`."""
    parts = [
        read_csv(job.folder / RECORDINGS).assign(fold=job.fold)
        for job in sweep.jobs_of(cfg, "annotated")
    ]
    return pd.concat(parts, ignore_index=True)


def segmented_row(seed: int, kind: Any, group: pd.DataFrame) -> dict[str, Any]:
    """The row of one fold, or of all of them."""
    fold, decoded = kind if isinstance(kind, tuple) else ("all", kind)
    row = {"fold": fold, "decoded": decoded, "recordings": len(group)}
    row |= {"subjects": group.speaker.nunique()}
    for name, (parts, wholes) in ratios(group).items():
        score = ratio_interval(parts, wholes, group.speaker, seed=seed)
        row |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
    return row


def ratios(counts: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Parts and wholes of every measure, one row a recording: what `ratio_interval` is given.

    F1 is twice what is right over the sum of what is true and what is predicted. `F1_mean` has one
    column a state.
    """
    right = pd.DataFrame({state: counts[f"{state}_as_{state}"] for state in STATES})
    true, predicted = (
        pd.DataFrame({state: counts[names].sum(axis=1) for state, names in of_states.items()})
        for of_states in (
            {state: [f"{state}_as_{other}" for other in STATES] for state in STATES},
            {state: [f"{other}_as_{state}" for other in STATES] for state in STATES},
        )
    )
    both = true + predicted
    measures = {"accuracy": (right.sum(axis=1).to_frame(), true.sum(axis=1).to_frame())}
    measures |= {f"F1_{state}": (2 * right[[state]], both[[state]]) for state in STATES}
    measures["F1_mean"] = (2 * right, both)
    for sound, within in product(HEART_SOUNDS, TOLERANCES_MS):
        paired = 2 * counts[[f"{sound}_matched_{within}ms"]]
        onsets = counts[f"{sound}_found"] + counts[f"{sound}_true"]
        measures[f"{sound}_onset_F1_{within}ms"] = (paired, onsets.to_frame())
    return measures


def confidence(cfg: DictConfig) -> pd.DataFrame:
    """How sure the segmenters are of the recordings that are classified, a row a database.

    `unsure` is the share of recordings whose mean confidence is below `UNSURE`.
    """
    corpus: Corpus = config.build(cfg.studies[cfg.states.study].corpus)
    sure = confidences(predicted_states(cfg)).rename("confidence")
    groups = corpus.records.join(sure, on="file").groupby("database", as_index=False).confidence
    return groups.agg(
        recordings="size",
        confidence="mean",
        lowest_tenth=lambda values: values.quantile(0.1),
        unsure=lambda values: (values < UNSURE).mean(),
    )


def confidences(states: pd.DataFrame) -> pd.Series:
    """Mean confidence of each file over its time."""
    lasting = states.end_s - states.start_s
    weighed = (states.confidence * lasting).groupby(states.file).sum()
    return weighed / lasting.groupby(states.file).sum()
