"""Draw every figure and write the sounds that go with them."""

from functools import partial

from omegaconf import DictConfig

from earwitness import config
from experiments.audiomnist.explain import Explained, read_explained
from experiments.audiomnist.figures import relevance, sounds
from experiments.audiomnist.figures.accuracy import accuracy


def main(cfg: DictConfig) -> None:
    """Draw every figure and write the listenable explanation of each shown clip."""
    results = config.paper_folder(cfg, "results")
    tables = results / "tables"
    explained = read_explained(cfg)
    shown = choose_shown(explained)
    drawings = {
        "accuracy": partial(accuracy, tables / "accuracy.csv"),
        "relevance_spectrogram": partial(relevance.spectrogram, shown),
        "relevance_waveform": partial(relevance.waveform, shown),
        "relevance_over_time": partial(relevance.over_time, shown),
        "relevance_over_frequency": partial(relevance.over_frequency, explained),
    }
    for name, draw in drawings.items():
        draw(results / "figures" / f"{name}.png")
    sounds.write(shown, results / "audio")


def choose_shown(explained: list[Explained]) -> list[Explained]:
    """The first clip of each pair and each answer to the speaker's sex."""
    kinds = {
        (clip.row.pair, clip.explanation("sex", "alexnet").target): clip
        for clip in reversed(explained)
    }
    return list(reversed(kinds.values()))


if __name__ == "__main__":
    config.run_stage(main)
