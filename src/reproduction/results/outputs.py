"""Tables that a paper ends in, as files under `results/<profile>/<paper>/`."""

from collections.abc import Iterable, Mapping

import pandas as pd
from omegaconf import DictConfig

from earwitness.files import atomic
from reproduction import config
from reproduction.results.claims import Claim
from reproduction.results.verdicts import Verdict, table


def write(cfg: DictConfig, tables: Mapping[str, pd.DataFrame], folder: str = "") -> None:
    """Write each table as `<folder>/<name>.csv` of the paper's results, four decimals."""
    for name, rows in tables.items():
        path = config.paper_folder(cfg, "results") / folder / f"{name}.csv"
        with atomic(path) as temporary:
            rows.to_csv(temporary, index=False, float_format="%.4f")


def judge(cfg: DictConfig, verdicts: Iterable[Verdict], claims: Iterable[Claim]) -> None:
    """Write `verdicts.csv` and `claims.csv`, with their columns even where there are no rows."""
    found = {
        "verdicts": table(verdicts, Verdict),
        "claims": table(claims, Claim),
    }
    write(cfg, found)
