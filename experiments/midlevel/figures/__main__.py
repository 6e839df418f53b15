"""Draw every figure and write the sounds that go with them."""

from functools import partial

from omegaconf import DictConfig

from experiments.midlevel.explain import store
from experiments.midlevel.figures import correlations, effects, judged, matrices, sounds, two_level
from reproduction import config
from reproduction.results import drawing


def main(cfg: DictConfig) -> None:
    """Draw every figure and write the listenable explanation of each shown song."""
    results = config.paper_folder(cfg, "results")
    tables = results / "tables"
    shown = two_level.choose_shown(cfg, store(cfg).read())
    drawings = {
        "correlations": partial(correlations.correlations, tables / "correlations.csv"),
        "midlevel": partial(correlations.midlevel, tables / "midlevel.csv"),
        "annotation_correlations": partial(
            matrices.annotation_correlations, tables / "annotation_correlations.csv"
        ),
        "weights": partial(matrices.weights, tables / "weights.csv"),
        "effects": partial(effects.effects, cfg, tables / "pairs.csv"),
        "pairs": partial(effects.pairs, tables / "pairs.csv"),
        "two_level": partial(two_level.two_level, cfg, shown),
        "agreement": partial(judged.agreement, tables / "agreement.csv"),
        "faithfulness": partial(judged.faithfulness, tables / "faithfulness.csv"),
        "cause": partial(judged.cause, tables / "cause.csv", planted(cfg)),
    }
    drawing.draw_all(drawings, results / "figures", cfg.processes)
    sounds.write(cfg, shown, results / "audio")


def planted(cfg: DictConfig) -> str:
    """What was planted where, as the figure says it; nothing where nothing was."""
    if not cfg.planted:
        return ""
    cause = cfg.planted
    return (
        f"Much {cause.midlevel} in a passage of the {cause.source}, which raises {cause.emotion}."
    )
