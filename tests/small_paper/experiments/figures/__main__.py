"""Draw a bar for every row of the table."""

from omegaconf import DictConfig

from earwitness.files import write_text
from reproduction import config


def main(cfg: DictConfig) -> None:
    """Write the figures."""
    results = config.paper_folder(cfg, "results")
    rows = (results / "tables/counts.csv").read_text().splitlines()[1:]
    bars = ["#" * int(row.split(",")[1]) for row in rows]
    write_text(results / "figures/counts.txt", "\n".join(bars))
    write_text(results / "figures/sums.txt", "#" * sum(map(len, bars)))
