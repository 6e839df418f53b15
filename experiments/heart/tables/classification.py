"""How well models tell normal from abnormal, by every split."""

from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig
from sklearn.metrics import average_precision_score, roc_auc_score

from earwitness.judge.challenge import credit_answers, macc_interval, score
from reproduction import sweep

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


def model_name(features: str, segmentation: str, network: str) -> str:
    """One name for the features of a classifier, its use of the segmentation and its network."""
    if network == TOGETHER:
        return TOGETHER
    if network != MODELS["mfcc"][2]:
        return network
    if features == "none":
        return "states alone"
    return "MFCC alone" if segmentation == "none" else f"MFCC, {segmentation}"


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

    The unit is the recording, and the clip where clips were split. Signal quality is not known in
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
    measured = score(answers, abnormal, clean)
    interval = macc_interval(
        credit_answers(answers, abnormal, clean), abnormal, group.speaker, cfg.seed
    )
    return {
        "corpus": sweep.corpus_names(cfg)[study],
        "split": split,
        "unit": unit,
        "features": features,
        "segmentation": segments,
        "network": network,
        "n": len(group),
        "Se": measured.se,
        "Sp": measured.sp,
        "MAcc": measured.macc,
        "MAcc_low": interval.low,
        "MAcc_high": interval.high,
        "MAcc_within": within_databases(answers, group),
        "AUROC": roc_auc_score(abnormal, group.p_1),
        "AUPRC": average_precision_score(abnormal, group.p_1),
    }


def within_databases(answers: pd.Series, group: pd.DataFrame) -> float:
    """MAcc of each database that has both classes, averaged: what the origin does not tell."""
    correct = (answers == "abnormal") == (group.label == 1)
    recalls = correct.groupby([group.database, group.label]).mean().unstack()
    return float(recalls.mean(axis=1, skipna=False).mean())


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
