"""The check as it is, for a table."""

from omegaconf import DictConfig

from earwitness.files import write_text
from reproduction import config


def main(cfg: DictConfig) -> None:
    """Write the table."""
    checked = (config.paper_folder(cfg, "runs") / "counts.csv").read_text()
    write_text(config.paper_folder(cfg, "results") / "tables/counts.csv", checked)
