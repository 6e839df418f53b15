"""No verdict, no claim."""

from omegaconf import DictConfig

from earwitness import config
from earwitness.files import atomic
from earwitness.report.claims import Claim
from earwitness.report.verdicts import Verdict, table


def main(cfg: DictConfig) -> None:
    """Write the two tables with their columns alone."""
    for name, columns in {"verdicts.csv": Verdict, "claims.csv": Claim}.items():
        with atomic(config.paper_folder(cfg, "results") / name) as temporary:
            table([], columns).to_csv(temporary, index=False)


if __name__ == "__main__":
    config.run_stage(main)
