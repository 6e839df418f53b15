"""The checks of the explanations, with intervals over subjects."""

from collections.abc import Mapping

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.bootstrap import mean_interval
from earwitness.report import checks
from experiments.heart.checks import murmur, windows
from experiments.heart.checks import randomisation as forgetting


def localisation(cfg: DictConfig) -> pd.DataFrame:
    """How often planted murmurs are found, by method, where the network was right and wrong."""
    rows = checks.read(cfg, murmur.CHECK)
    return averaged(cfg, rows, ["method", "right"], ["hit", "share"], ["chance"])


def randomisation(cfg: DictConfig) -> pd.DataFrame:
    """How much of an explanation is left after each layer has been randomised, by method."""
    rows = checks.read(cfg, forgetting.CHECK).dropna(subset="value")
    return averaged(cfg, rows, ["method", "layer"], ["value"], [])


def occlusion_windows(cfg: DictConfig) -> pd.DataFrame:
    """Share of each state by the length of the window; likeness with a method without one."""
    rows = checks.read(cfg, windows.CHECK).dropna(subset="share")
    return averaged(cfg, rows, ["window_ms", "state"], ["share", "alike"], ["chance"])


def averaged(
    cfg: DictConfig, rows: pd.DataFrame, kinds: list[str], values: list[str], means: list[str]
) -> pd.DataFrame:
    """One row a kind: number of clips, each of `values` with its interval, and mere `means`."""
    found = []
    for kind, group in rows.groupby(kinds, sort=False):
        row: dict[str, object] = dict(zip(kinds, kind, strict=True)) | {"clips": len(group)}
        for name in values:
            row |= told(cfg, group, name)
        found.append(row | {name: group[name].mean() for name in means})
    columns = [*kinds, "clips", *(end for name in values for end in ends(name)), *means]
    return pd.DataFrame(found, columns=columns)


def told(cfg: DictConfig, group: pd.DataFrame, name: str) -> Mapping[str, float]:
    """The mean of a column with its interval over subjects."""
    known = group.dropna(subset=name)
    interval = mean_interval(known[name], known.speaker, seed=cfg.seed)
    return dict(zip(ends(name), (interval.value, interval.low, interval.high), strict=True))


def ends(name: str) -> tuple[str, str, str]:
    """Columns of a value and of its interval."""
    return name, f"{name}_low", f"{name}_high"
