"""No verdict, no claim."""

from omegaconf import DictConfig

from reproduction.results import outputs as results


def main(cfg: DictConfig) -> None:
    """Write the two tables with their columns alone."""
    results.write_judgements(cfg, [], [])
