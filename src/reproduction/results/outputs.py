"""Final tables of a paper, as CSV files under `results/<profile>/<paper>/`."""

from collections.abc import Iterable, Mapping

import pandas as pd
from omegaconf import DictConfig

from reproduction import config
from reproduction.csv_files import write_csv
from reproduction.results.claims import Claim
from reproduction.results.verdicts import Verdict, table


def write(cfg: DictConfig, tables: Mapping[str, pd.DataFrame], folder: str = "") -> None:
    """Write each table as `<folder>/<name>.csv` of the paper's results, with four decimals."""
    for name, rows in tables.items():
        write_csv(config.paper_folder(cfg, "results") / folder / f"{name}.csv", rows, "%.4f")


def write_judgements(cfg: DictConfig, verdicts: Iterable[Verdict], claims: Iterable[Claim]) -> None:
    """Write `verdicts.csv` and `claims.csv`, with their columns even if there are no rows."""
    write(cfg, {"verdicts": table(verdicts, Verdict), "claims": table(claims, Claim)})
