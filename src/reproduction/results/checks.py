"""Rows of a check, `runs/<profile>/<paper>/<check>.csv`: input of tables, figures and claims."""

from pathlib import Path

import pandas as pd
from omegaconf import DictConfig

from earwitness.errors import InputError
from reproduction import config
from reproduction.csv_files import read_csv, write_csv


def path(cfg: DictConfig, check: str) -> Path:
    """Return the path of the rows of a check."""
    return config.paper_folder(cfg, "runs") / f"{check}.csv"


def write(cfg: DictConfig, check: str, rows: pd.DataFrame) -> None:
    """Write the rows of a check, fractions with six significant digits."""
    write_csv(path(cfg, check), rows, "%.6g")


def read(cfg: DictConfig, check: str) -> pd.DataFrame:
    """Return the rows of a check; names (`csv_files.NAME_COLUMNS`) are text.

    Raises:
        InputError: the check has not been run.
    """
    file = path(cfg, check)
    if not file.is_file():
        raise InputError(f"{file}: missing; run the check {check} first (make does)")
    return read_csv(file)
