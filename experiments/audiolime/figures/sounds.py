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
from experiments.audiolime import answers
from experiments.audiolime.figures import names
from experiments.audiolime.figures.examples import Example
from experiments.audiolime.jobs.explain import HEARD
from reproduction import config
from reproduction.results import listening
from reproduction.results.listening import Listenable, Part

PARTS = {"original": "p", "heard": "heard", "rest": "rest"}
"""Part of a clip -> the column of `heard.csv` with the probability of the tag in it."""


def write(cfg: DictConfig, shown: list[Example], results: Path) -> None:
    """Write the sounds of the shown clips, with the tagger's probability of the tag in each.

    Nothing is written of recordings by others: their sounds are in the folders of the jobs under
    `runs/`, where `heard.csv` has the probabilities.
    """
    corpus: Corpus = config.build(cfg.studies.music.corpus)
    chosen = shown if corpus.name == synthetic_tags.NAME else []
    table = answers.tables(cfg, HEARD)
    labels = names.methods(cfg.methods)
    entries = (
        entry
        for example in chosen
        for entry in listenables(example, rows_of(table, example), labels, cfg.listen.k)
    )
    listening.write(results, entries, RATE)


def rows_of(table: pd.DataFrame, example: Example) -> pd.DataFrame:
    """The rows of `heard.csv` about one clip, one a method whose explanation became sound."""
    row = example.clip.row
    return table[(table.tagger == row.tagger) & (table["clip"] == row.clip)]


def listenables(
    example: Example, table: pd.DataFrame, labels: dict[str, str], k: int
) -> Iterator[Listenable]:
    """The k best components of a clip and the rest, by each method that leaves no part silent."""
    row = example.clip.row
    for probabilities in table.to_dict("records"):
        method = probabilities["method"]
        sounds = sounds_of(example, method)
        if sounds:
            yield Listenable(
                name=f"{row.tagger}_{row.clip}_{method}",
                clip=row.clip,
                truth="a synthesised song",
                model=names.tagger(row.tagger),
                method=f"{labels[method]}, the {k} best components",
                target=row.tag,
                measure="probability",
                explanation=example.answers_of[method].explanation,
                parts={part: Part(sounds[part], probabilities[PARTS[part]]) for part in PARTS},
            )


def sounds_of(example: Example, method: str) -> dict[str, Tensor]:
    """The parts of a clip, `(samples,)` each at 16 kHz; none where one of them is silent."""
    files = [example.clip.folder / f"{method}_{part}.wav" for part in PARTS]
    try:
        return {part: example.clip.wave(f"{method}_{part}") for part in PARTS}
    except InputError:
        if all(file.is_file() for file in files):
            return {}
        raise
