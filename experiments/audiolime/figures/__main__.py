"""Draw every figure and write the sounds that go with them."""

from functools import partial

from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from experiments.audiolime import answers
from experiments.audiolime.checks import localisation
from experiments.audiolime.figures import curves, examples, judged, names, sounds
from reproduction import config
from reproduction.results import checks, drawing


def main(cfg: DictConfig) -> None:
    """Draw every figure; of synthesised songs, write the listenable explanations of a few."""
    results = config.paper_folder(cfg, "results")
    tables, data = results / "tables", answers.corpora(cfg)
    shown, labels = examples.choose(cfg), names.methods(cfg.methods)
    localised = checks.read(cfg, localisation.CHECK)
    music: Corpus = config.build(cfg.studies.music.corpus)
    drawings = {
        "topk": partial(curves.topk, tables / "topk.csv", data),
        "convergence": partial(
            curves.convergence, tables / "convergence.csv", tables / "topk_by_draws.csv", data
        ),
        "agreement": partial(judged.agreement, tables / "agreement.csv", labels, data),
        "localisation": partial(judged.localisation, tables / "localisation.csv", labels, data),
        "fidelity_vs_truth": partial(judged.fidelity_vs_truth, localised, labels, data),
        "separation": partial(judged.separation, tables / "separation.csv", data),
        "examples": partial(examples.examples, music, labels, shown),
    }
    drawing.draw_all(drawings, results / "figures", cfg.processes)
    sounds.write(cfg, shown, results / "audio")
