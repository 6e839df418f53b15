"""Tables that a paper ends in, as files under `results/<profile>/<paper>/`."""

from collections.abc import Mapping

import pandas as pd
from omegaconf import DictConfig

from earwitness import config
from earwitness.files import atomic


def write(cfg: DictConfig, tables: Mapping[str, pd.DataFrame], folder: str = "") -> None:
    """Write each table as `<folder>/<name>.csv` of the paper's results, four decimals."""
    for name, table in tables.items():
        path = config.paper_folder(cfg, "results") / folder / f"{name}.csv"
        with atomic(path) as temporary:
            table.to_csv(temporary, index=False, float_format="%.4f")
