"""How good separators and taggers are that were trained here."""

import pandas as pd
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score

from experiments.audiolime.jobs.separate import QUALITY
from experiments.audiolime.music import SEPARATION, TAGGERS
from reproduction import sweep
from reproduction.csv_files import read_csv
from reproduction.results.means import means


def separation(cfg: DictConfig) -> pd.DataFrame:
    """SI-SDR of each source on songs left out, and of the whole song in its place, in dB."""
    rows = quality(cfg).assign(gain=lambda table: table.si_sdr - table.mixture)
    return means(rows, ["separator", "source"], ["si_sdr", "mixture", "gain"], cfg.seed)


def quality(cfg: DictConfig) -> pd.DataFrame:
    """One row a song and source, songs being what is resampled; none where nothing was trained."""
    columns = ["file", "source", "si_sdr", "mixture"]
    tables = [pd.DataFrame(columns=[*columns, "separator"])]
    if SEPARATION in cfg.studies:
        for job in sweep.jobs_of(cfg, SEPARATION):
            tables.append(read_csv(job.folder / QUALITY).assign(separator=job.model))
    rows = pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)
    return rows.assign(speaker=rows.file)


def taggers(cfg: DictConfig) -> pd.DataFrame:
    """Area under the ROC curve of each tag on songs left out; of published taggers none is here."""
    columns = ["tagger", "tag", "songs", "auc"]
    if TAGGERS not in cfg.studies:
        return pd.DataFrame(columns=columns)
    rows = sweep.predictions(cfg, TAGGERS)
    areas = [
        {"tagger": tagger, "tag": tag, "songs": len(group), "auc": auc(group)}
        for (tagger, tag), group in rows.groupby(["model", "tag"], sort=False)
    ]
    return pd.DataFrame(areas, columns=columns)


def auc(rows: pd.DataFrame) -> float:
    """Area under the ROC curve, NaN where all songs have the tag or none has."""
    if rows.present.nunique() < 2:
        return float("nan")
    return float(roc_auc_score(rows.present, rows.probability))
