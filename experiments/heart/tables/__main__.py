"""Write every table of the paper under `tables/`."""

from omegaconf import DictConfig

from experiments.heart.explain import store
from experiments.heart.tables import checked, classification, importance, segmentation
from reproduction import sweep
from reproduction.results import outputs as results


def main(cfg: DictConfig) -> None:
    """Write the tables, fractions with four decimals.

    Raises:
        InputError: a job of the sweep is not done.
    """
    sweep.require_finished(cfg)
    answered = classification.clips(cfg)
    explained = store(cfg).read()
    tables = {
        "segmentation": segmentation.segmentation(cfg),
        "confidence": segmentation.confidence(cfg),
        "classification": classification.classification(cfg, answered),
        "leakage": classification.leakage(cfg, answered),
        "state_importance": importance.state_importance(cfg, explained),
        "agreement": importance.agreement(cfg, explained),
        "localisation": checked.localisation(cfg),
        "randomisation": checked.randomisation(cfg),
        "occlusion_windows": checked.occlusion_windows(cfg),
    }
    results.write(cfg, tables, "tables")
