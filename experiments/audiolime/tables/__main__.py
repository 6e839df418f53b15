"""Write every table of the paper under `tables/`."""

from omegaconf import DictConfig

from experiments.audiolime.tables import judged, same_tag, trained
from reproduction import sweep
from reproduction.results import outputs as results


def main(cfg: DictConfig) -> None:
    """Write the tables, four decimals.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.require_finished(cfg)
    tables = {
        "topk": same_tag.topk(cfg),
        "topk_by_draws": same_tag.topk_by_draws(cfg),
        "listening": same_tag.listening(cfg),
        "convergence": judged.convergence(cfg),
        "agreement": judged.agreement(cfg),
        "localisation": judged.localisation(cfg),
        "fidelity_vs_truth": judged.fidelity_vs_truth(cfg),
        "separation": trained.separation(cfg),
        "taggers": trained.taggers(cfg),
    }
    results.write(cfg, tables, "tables")
