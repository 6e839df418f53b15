"""How well states are found: where they are annotated, and how sure one is where they are not."""

from itertools import chain
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.corpora.corpus import Corpus
from earwitness.judge.bootstrap import mean_interval
from earwitness.judge.segmentation import accuracy, confusion_of, f1, onset_f1
from earwitness.segmentation import STATES
from experiments.heart.jobs.segmenter import RECORDINGS, TOLERANCES_MS
from experiments.heart.segmented import predicted_states

UNSURE = 0.6
"""Confidence below which a recording's states are hardly told apart."""


def segmentation(cfg: DictConfig) -> pd.DataFrame:
    """Frame accuracy, F1 of each state and of onsets, a row a fold and one of all, raw and decoded.

    Intervals of the accuracy resample subjects.
    """
    jobs = sweep.jobs_of(cfg, "annotated")
    parts = [
        pd.read_csv(job.folder / RECORDINGS, dtype={"speaker": str}).assign(fold=job.fold)
        for job in jobs
    ]
    tested = pd.concat(parts, ignore_index=True)
    groups = chain(tested.groupby(["fold", "decoded"]), tested.groupby("decoded"))
    rows = (segmented_row(cfg, kind, group) for kind, group in groups)
    return pd.DataFrame(rows)


def segmented_row(cfg: DictConfig, kind: Any, group: pd.DataFrame) -> dict[str, Any]:
    """The row of one fold, or of all of them."""
    fold, decoded = kind if isinstance(kind, tuple) else ("all", kind)
    counts = confusion_of(group)
    correct = sum(group[f"{state}_as_{state}"] for state in STATES)
    frames = sum(group[f"{true}_as_{found}"] for true in STATES for found in STATES)
    told = mean_interval(correct / frames, group.speaker, seed=cfg.seed)
    row = {"fold": fold, "decoded": decoded, "recordings": len(group), "subjects": told.n}
    row |= {"accuracy": accuracy(counts), "accuracy_low": told.low, "accuracy_high": told.high}
    row |= {f"F1_{state}": value for state, value in zip(STATES, f1(counts), strict=True)}
    row |= {"F1_mean": f1(counts).mean()}
    for sound in ("S1", "S2"):
        for within in TOLERANCES_MS:
            pairs = group[f"{sound}_matched_{within}ms"].sum()
            found, true = group[f"{sound}_found"].sum(), group[f"{sound}_true"].sum()
            row[f"{sound}_onset_F1_{within}ms"] = onset_f1(pairs, found, true)
    return row


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
