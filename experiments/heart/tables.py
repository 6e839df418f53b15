"""What the results are: each function one table under `tables/`."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from sklearn.metrics import average_precision_score, roc_auc_score

from earwitness import config, sweep
from earwitness.files import atomic
from earwitness.judge.agreement import rank_correlations, same_top_state
from earwitness.judge.bootstrap import mean_interval
from earwitness.judge.challenge import credits_of, macc_interval, score
from earwitness.judge.segmentation import accuracy, confusion_of, f1, onset_f1
from earwitness.judge.states import in_states, shares
from earwitness.segmentation import STATES
from experiments.heart.explain import RATE, Explained, read_explained
from experiments.heart.jobs.segmenter import RECORDINGS, TOLERANCES_MS

SPLITS = {"record": "by record", "segment": "by segment (leak)", "database": "database left out"}
"""Studies that classify, and what tables and figures call their splits."""
MODELS = {
    "mfcc": ("MFCC", "none", "HeartNet"),
    "mfcc_states": ("MFCC", "state channels", "HeartNet"),
    "segments": ("MFCC", "cut at S1", "HeartNet"),
    "states": ("none", "state channels", "HeartNet"),
    "rubin": ("MFCC", "cut at S1", "Rubin et al."),
    "potes": ("4 bands", "cycles", "Potes et al."),
    "forest": ("of states", "of states", "random forest"),
}
"""Features, use of the segmentation and network of each model."""
TOGETHER = "mean of all"
"""The mean probability of all models of a split: no model of its own."""


def main(cfg: DictConfig) -> None:
    """Write the tables of the paper.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.finish(cfg)
    answered = clips(cfg)
    explained = read_explained(cfg)
    found = {
        "segmentation": segmentation(cfg),
        "classification": classification(cfg, answered),
        "leakage": leakage(cfg, answered),
        "state_importance": state_importance(cfg, explained),
        "agreement": agreement(cfg, explained),
    }
    for name, table in found.items():
        write(table, cfg, f"tables/{name}.csv")


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


def clips(cfg: DictConfig) -> pd.DataFrame:
    """Every answer to a test clip: study, model, fold, file, speaker, database, label, p_1."""
    return sweep.predictions(cfg, *SPLITS)


def recordings(answered: pd.DataFrame) -> pd.DataFrame:
    """Answers to recordings: the mean over their clips, and the mean of all models beside them."""
    kinds = ["study", "model", "fold", "file", "speaker", "database", "label"]
    single = answered.groupby(kinds, as_index=False, sort=False).p_1.mean()
    kinds.remove("model")
    joint = single.groupby(kinds, as_index=False, sort=False).p_1.mean()
    return pd.concat([single, joint.assign(model=TOGETHER)], ignore_index=True)


def classification(cfg: DictConfig, answered: pd.DataFrame) -> pd.DataFrame:
    """How well each model does on each split, and on each database that was left out.

    The unit is the recording, and the clip where clips were split. Signal quality is not told in
    this data, so every recording counts as good, and "unsure" would be wrong.
    """
    by_recording = recordings(answered[answered.study != "segment"])
    by_clip = answered[answered.study == "segment"]
    rows = []
    for unit, table in (("recording", by_recording), ("segment", by_clip)):
        for (study, model), group in table.groupby(["study", "model"], sort=False):
            rows.append(scores(cfg, study, SPLITS[study], unit, model, group))
    left_out = by_recording[by_recording.study == "database"]
    for (database, model), group in left_out.groupby(["database", "model"], sort=False):
        name = f"database {database} left out"
        rows.append(scores(cfg, "database", name, "recording", model, group))
    return pd.DataFrame(rows)


def scores(
    cfg: DictConfig, study: str, split: str, unit: str, model: str, group: pd.DataFrame
) -> dict[str, Any]:
    """One row: what was split how, and the scores with their interval over recordings."""
    features, segments, network = MODELS.get(model, ("several", "several", TOGETHER))
    abnormal = group.label == 1
    answers = pd.Series(np.where(group.p_1 > 0.5, "abnormal", "normal"), index=group.index)
    clean = pd.Series(False, index=group.index)
    told = score(answers, abnormal, clean)
    interval = macc_interval(
        credits_of(answers, abnormal, clean), abnormal, group.speaker, cfg.seed
    )
    return {
        "corpus": sweep.corpus_names(cfg)[study],
        "split": split,
        "unit": unit,
        "features": features,
        "segmentation": segments,
        "network": network,
        "n": len(group),
        "Se": told.se,
        "Sp": told.sp,
        "MAcc": told.macc,
        "MAcc_low": interval.low,
        "MAcc_high": interval.high,
        "AUROC": roc_auc_score(abnormal, group.p_1),
        "AUPRC": average_precision_score(abnormal, group.p_1),
    }


def leakage(cfg: DictConfig, answered: pd.DataFrame) -> pd.DataFrame:
    """The same models under the three splits, all judged clip by clip: what the split is worth."""
    models = answered[answered.study == "segment"].model.unique()
    compared = answered[answered.model.isin(models)]
    rows = [
        scores(cfg, study, SPLITS[study], "segment", model, group)
        for (model, study), group in compared.groupby(["model", "study"], sort=False)
    ]
    table = pd.DataFrame(rows)
    kinds = ["features", "segmentation", "network"]
    leaking = table[table.split == SPLITS["segment"]].set_index(kinds).MAcc
    table["below_leak"] = leaking.loc[list(zip(*(table[kind] for kind in kinds)))].to_numpy()
    return table.assign(below_leak=table.below_leak - table.MAcc)


def state_importance(cfg: DictConfig, explained: list[Explained]) -> pd.DataFrame:
    """Share of each state in what speaks for "abnormal", by method, diagnosis and right or wrong.

    Also the share of the four segmentation channels against the sound, where they are players.
    Clips in which nothing speaks for "abnormal" have no shares; `clips` counts those that have.
    """
    rows = pd.DataFrame(chain.from_iterable(shared(cfg, clip) for clip in explained))
    kinds = ["method", "diagnosis", "right", "state"]
    found = []
    for kind, group in rows.dropna(subset="share").groupby(kinds, sort=False):
        share = mean_interval(group.share, group.speaker, seed=cfg.seed)
        found.append(
            dict(zip(kinds, kind, strict=True))
            | {"clips": len(group), "share": share.value}
            | {"share_low": share.low, "share_high": share.high}
            | {"chance": group.chance.mean(), "p_abnormal": group.p_abnormal.mean()}
        )
    return pd.DataFrame(found)


def shared(cfg: DictConfig, clip: Explained) -> Iterator[dict[str, Any]]:
    """The shares in one clip, by every method that knows time or states."""
    named = {name: getattr(clip.row, name) for name in ("speaker", "diagnosis", "right")}
    named |= {"p_abnormal": clip.row.p_abnormal}
    for method in methods(cfg):
        found = clip.explanation(method)
        for row in shares(found, clip.track(), RATE).to_dict("records"):
            yield named | {"method": method} | row
        labels = found.axes[0].labels
        if len(labels) > len(STATES):
            positive = found.positive().values.double()
            channels = positive[[label not in STATES for label in labels]].sum()
            share = float(channels / positive.sum())
            told = {"state": "segmentation channels", "share": share, "chance": np.nan}
            yield named | {"method": method} | told


def methods(cfg: DictConfig) -> list[str]:
    """Explainers whose values lie in time or on states."""
    return [name for name in cfg.explain.explainers if name != "shapley_rows"]


def agreement(cfg: DictConfig, explained: list[Explained]) -> pd.DataFrame:
    """How alike each two methods are: over bins of 100 ms, and in the state that has most."""
    rows = pd.concat([compared(cfg, clip) for clip in explained], ignore_index=True)
    found = []
    for kind, group in rows.dropna(subset="value").groupby(["measure", "first", "second"]):
        told = mean_interval(group.value, group.speaker, seed=cfg.seed)
        found.append((*kind, len(group), told.value, told.low, told.high))
    columns = ["measure", "first", "second", "clips", "mean", "ci_low", "ci_high"]
    return pd.DataFrame(found, columns=columns)


def compared(cfg: DictConfig, clip: Explained) -> pd.DataFrame:
    """One clip's rank correlations and agreements on the top state."""
    by_method = {method: clip.explanation(method) for method in methods(cfg)}
    in_time = {
        name: found
        for name, found in by_method.items()
        if "time" in [axis.name for axis in found.axes]
    }
    track = clip.track()
    ranked = rank_correlations(in_time, len(track) / RATE)
    top = same_top_state({name: in_states(it, track, RATE) for name, it in by_method.items()})
    parts = [
        table.set_axis(["first", "second", "value"], axis=1).assign(measure=measure)
        for measure, table in (("rank correlation", ranked), ("same top state", top))
    ]
    return pd.concat(parts).assign(speaker=clip.row.speaker)


def write(table: pd.DataFrame, cfg: DictConfig, name: str) -> None:
    """Write a table under the paper's results, fractions with four decimals."""
    with atomic(config.paper_folder(cfg, "results") / name) as temporary:
        table.to_csv(temporary, index=False, float_format="%.4f")


if __name__ == "__main__":
    config.run_stage(main)
