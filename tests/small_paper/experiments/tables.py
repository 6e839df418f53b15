"""The check as it is, for a table, and its sum, for another."""

from omegaconf import DictConfig

from earwitness.files import write_text
from reproduction import config


def main(cfg: DictConfig) -> None:
    """Write the tables."""
    checked = (config.paper_folder(cfg, "runs") / "counts.csv").read_text()
    total = sum(int(row.split(",")[1]) for row in checked.splitlines()[1:])
    tables = config.paper_folder(cfg, "results") / "tables"
    write_text(tables / "counts.csv", checked)
    write_text(tables / "sums.csv", f"sum\n{total}\n")
