"""The checks of the explanations, with intervals over subjects."""

import pandas as pd
from omegaconf import DictConfig

from experiments.heart.checks import murmur, windows
from experiments.heart.checks import randomisation as forgetting
from reproduction.results import checks
from reproduction.results.means import means

COUNTED = {"clips": "clip"}
"""What tables count of each kind of rows."""


def localisation(cfg: DictConfig) -> pd.DataFrame:
    """How often planted murmurs are found, by method, where the network was right and wrong."""
    rows = checks.read(cfg, murmur.CHECK)
    return means(rows, ["method", "right"], ["hit", "share"], cfg.seed, COUNTED, ["chance"])


def randomisation(cfg: DictConfig) -> pd.DataFrame:
    """How much of an explanation is left after each layer has been randomised, by method."""
    rows = checks.read(cfg, forgetting.CHECK).dropna(subset="value")
    return means(rows, ["method", "layer"], ["value"], cfg.seed, COUNTED)


def occlusion_windows(cfg: DictConfig) -> pd.DataFrame:
    """Share of each state by the length of the window; likeness with a method without one."""
    rows = checks.read(cfg, windows.CHECK).dropna(subset="share")
    return means(rows, ["window_ms", "state"], ["share", "alike"], cfg.seed, COUNTED, ["chance"])
