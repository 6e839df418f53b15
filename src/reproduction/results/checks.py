"""What a check leaves for tables, figures and claims: `runs/<profile>/<paper>/<check>.csv`."""

from pathlib import Path

import pandas as pd
from omegaconf import DictConfig

from earwitness.errors import InputError
from earwitness.files import atomic
from reproduction import config

NAMES = {"speaker": str, "clip": str, "database": str}
"""Columns that are names, even where they look like numbers."""


def path(cfg: DictConfig, check: str) -> Path:
    """Where the rows of a check are kept."""
    return config.paper_folder(cfg, "runs") / f"{check}.csv"


def write(cfg: DictConfig, check: str, rows: pd.DataFrame) -> None:
    """Keep the rows of a check."""
    with atomic(path(cfg, check)) as temporary:
        rows.to_csv(temporary, index=False, float_format="%.6g")


def read(cfg: DictConfig, check: str) -> pd.DataFrame:
    """The rows of a check, as `write` kept them.

    Raises:
        InputError: the check has not been run.
    """
    kept = path(cfg, check)
    if not kept.is_file():
        raise InputError(f"{kept}: not there; run the check {check} (make does) first")
    return pd.read_csv(kept, dtype=NAMES)
