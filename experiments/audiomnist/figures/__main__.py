"""Draw every figure and write the sounds that go with them."""

from functools import partial

from omegaconf import DictConfig

from experiments.audiomnist.checks import sanity
from experiments.audiomnist.checks.fidelity import METHODS
from experiments.audiomnist.checks.sample_manipulation import method_labels
from experiments.audiomnist.explain import CONTROL, Energy, store
from experiments.audiomnist.figures import relevance, sounds
from experiments.audiomnist.figures.accuracy import accuracy
from experiments.audiomnist.figures.class_averages import class_averages
from experiments.audiomnist.figures.fidelity import fidelity
from experiments.audiomnist.figures.frequency_manipulation import frequency_manipulation
from experiments.audiomnist.figures.networks import networks
from experiments.audiomnist.figures.randomisation import randomisation
from experiments.audiomnist.figures.sample_manipulation import sample_manipulation
from reproduction import config
from reproduction.explainers import method_names
from reproduction.results import checks, drawing
from reproduction.store import ExplainedClip


def main(cfg: DictConfig) -> None:
    """Draw every figure and write the listenable explanation of each shown clip."""
    results = config.paper_folder(cfg, "results")
    tables = results / "tables"
    explained = store(cfg).read()
    shown = choose_shown(explained)
    labels = relevance_labels(cfg)
    composites = {method: labels[method] for method in METHODS}
    drawings = {
        "accuracy": partial(accuracy, tables / "accuracy.csv"),
        "relevance_spectrogram": partial(relevance.spectrogram, shown),
        "relevance_waveform": partial(relevance.waveform, shown),
        "relevance_time_frequency": partial(relevance.time_frequency_of_both, shown),
        "relevance_over_time": partial(relevance.over_time, shown),
        "relevance_over_frequency": partial(relevance.over_frequency, explained),
        "class_average_digit": partial(class_averages, cfg, "digit"),
        "class_average_sex": partial(class_averages, cfg, "sex"),
        "randomisation": partial(randomisation, checks.read(cfg, sanity.CHECK), labels),
        "frequency_manipulation": partial(
            frequency_manipulation, cfg, tables / "frequency_manipulation.csv"
        ),
        "fidelity": partial(fidelity, tables / "fidelity.csv", composites),
        "networks": partial(networks, tables / "networks.csv"),
        "sample_manipulation": partial(
            sample_manipulation, tables / "sample_manipulation.csv", method_labels(cfg)
        ),
    }
    drawing.draw_all(drawings, results / "figures", cfg.processes)
    sounds.write(cfg, shown, results / "audio")


def relevance_labels(cfg: DictConfig) -> dict[str, str]:
    """Display names of everything that explains a network, by method."""
    labels = {CONTROL: Energy.name}
    for explainers in cfg.explain.explainers.values():
        labels |= method_names(explainers)
    return labels


def choose_shown(explained: list[ExplainedClip]) -> list[ExplainedClip]:
    """The first clip of each pair and each answer to the speaker's sex."""
    kinds = {
        (clip.row.pair, clip.explanation("sex", "alexnet", "lrp").target): clip
        for clip in reversed(explained)
    }
    return list(reversed(kinds.values()))
