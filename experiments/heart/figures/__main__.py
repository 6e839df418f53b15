"""Draw every figure and write the sounds that go with them."""

from functools import partial
from pathlib import Path

from omegaconf import DictConfig

from experiments.heart.explain import store
from experiments.heart.figures import examples, names, segmentation, sounds
from experiments.heart.figures.agreement import agreement
from experiments.heart.figures.classification import classification
from experiments.heart.figures.leakage import leakage
from experiments.heart.figures.occlusion_windows import occlusion_windows
from experiments.heart.figures.randomisation import randomisation
from experiments.heart.figures.state_importance import state_importance
from reproduction import config
from reproduction.results import drawing

PUBLISHED = Path(__file__).parents[1] / "published.yaml"


def main(cfg: DictConfig) -> None:
    """Draw every figure and write the listenable explanation of each shown clip."""
    results = config.paper_folder(cfg, "results")
    tables = results / "tables"
    shown = examples.choose_shown(store(cfg).read(), cfg.figures.shown)
    labels = names.methods(cfg.explain.explainers, cfg.explain.combined)
    drawings = {
        "leakage": partial(leakage, tables / "leakage.csv"),
        "classification": partial(classification, tables / "classification.csv", PUBLISHED),
        "segmentation": partial(segmentation.segmentation, cfg, tables / "segmentation.csv"),
        "segmentation_failures": partial(segmentation.failures, cfg),
        "examples": partial(examples.examples, shown, labels),
        "example_components": partial(examples.components, shown),
        "state_importance": partial(state_importance, tables / "state_importance.csv", labels),
        "agreement": partial(agreement, tables / "agreement.csv", labels),
        "occlusion_windows": partial(
            occlusion_windows, tables / "occlusion_windows.csv", tables / "localisation.csv"
        ),
        "randomisation": partial(randomisation, tables / "randomisation.csv", labels),
    }
    drawing.draw_all(drawings, results / "figures", cfg.processes)
    sounds.write(cfg, shown, results / "audio")
