"""Write every table of the paper under `tables/`."""

from omegaconf import DictConfig

from experiments.midlevel.explain import store
from experiments.midlevel.tables import annotations, correlations, effects, judged
from reproduction import sweep
from reproduction.results import outputs as results


def main(cfg: DictConfig) -> None:
    """Write the tables, four decimals.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.require_finished(cfg)
    explained = store(cfg).read()
    tables = {
        "correlations": correlations.correlations(cfg),
        "midlevel": correlations.midlevel(cfg),
        "annotation_correlations": annotations.annotation_correlations(cfg),
        "weights": annotations.with_known_weights(correlations.weights(cfg)),
        "effects": effects.effects(cfg),
        "pairs": effects.pairs(cfg),
        "agreement": judged.agreement(cfg, explained),
        "faithfulness": judged.faithfulness(cfg),
        "cause": judged.cause(cfg),
    }
    results.write(cfg, tables, "tables")
