"""Explanations that can be listened to: the best components of a clip, and the rest."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora import synthetic_tags
from earwitness.corpora.corpus import Corpus
from earwitness.errors import InputError
from earwitness.models.taggers.published import RATE
from earwitness.sound import audio
from experiments.audiolime import answers
from experiments.audiolime.figures import names
from experiments.audiolime.figures.examples import Example
from experiments.audiolime.jobs.explain import HEARD
from reproduction import config
from reproduction.results import listening
from reproduction.results.listening import Listenable, Part

PARTS = {"original": "p", "heard": "heard", "rest": "rest"}
"""Which part a sound is -> the column that has its probability."""


def write(cfg: DictConfig, shown: list[Example], results: Path) -> None:
    """Write the sounds of the shown clips, with the probability that the tagger gives to the tag.

    Of recordings of others nothing is written: their sounds are in the folders of the jobs under
    `runs/`, where `heard.csv` has the probabilities.
    """
    corpus: Corpus = config.build(cfg.studies.music.corpus)
    chosen = shown if corpus.name == synthetic_tags.NAME else []
    told = answers.tables(cfg, HEARD)
    entries = (entry for example in chosen for entry in of_example(cfg, told, example))
    listening.write(results, entries, RATE)


def of_example(cfg: DictConfig, told: pd.DataFrame, example: Example) -> Iterator[Listenable]:
    """Every explanation of a clip that was made audible and leaves something to hear."""
    tagger, clip = example.row.tagger, example.name
    for _, heard in told[(told.tagger == tagger) & (told["clip"] == clip)].iterrows():
        sounds = sounds_of(example, heard.method)
        if sounds:
            yield Listenable(
                name=f"{tagger}_{clip}_{heard.method}",
                clip=clip,
                truth="a synthesised song",
                model=names.tagger(tagger),
                method=f"{names.method(heard.method)}, the {cfg.listen.k} best components",
                target=example.row.tag,
                measure="probability",
                drawn=example.found[heard.method].explanation,
                parts={part: Part(sounds[part], heard[column]) for part, column in PARTS.items()},
            )


def sounds_of(example: Example, method: str) -> dict[str, Tensor]:
    """The parts of a clip, `(samples,)` each; none where one of them is silent."""
    files = {part: example.folder / f"{method}_{part}.wav" for part in PARTS}
    try:
        return {part: audio.read(file, RATE) for part, file in files.items()}
    except InputError:
        if all(file.is_file() for file in files.values()):
            return {}
        raise
