"""Explanations that can be listened to: the best components of a clip, and the rest."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from earwitness import config
from earwitness.corpora import synthetic_tags
from earwitness.corpora.corpus import Corpus
from earwitness.files import atomic
from experiments.audiolime import answers
from experiments.audiolime.figures.examples import Example
from experiments.audiolime.jobs.explain import HEARD

PARTS = {"original": "p", "heard": "heard", "rest": "rest"}
"""Which part a sound is -> the column that has its probability."""


def write(cfg: DictConfig, shown: list[Example], results: Path) -> None:
    """Copy the sounds of the shown clips to `results/*.wav`, and list them in `index.csv`.

    The files are `<tagger>_<clip>_<method>_<part>.wav`; the index has the tag and the probability
    that the tagger gives to it in each. Of recordings of others nothing is copied: their sounds are
    in the folders of the jobs under `runs/`, where `heard.csv` has the probabilities.
    """
    shutil.rmtree(results, ignore_errors=True)
    corpus: Corpus = config.build(cfg.studies.music.corpus)
    if corpus.name != synthetic_tags.NAME:
        return
    told = answers.tables(cfg, HEARD)
    rows: list[dict[str, Any]] = []
    for example in shown:
        row = example.row
        for _, heard in told[
            (told.tagger == row.tagger) & (told["clip"] == example.name)
        ].iterrows():
            for part, column in PARTS.items():
                sound = f"{row.tagger}_{example.name}_{heard.method}_{part}.wav"
                _copy(example.folder / f"{heard.method}_{part}.wav", results / sound)
                rows.append({"sound": sound, "tag": row.tag, "probability": heard[column]})
    with atomic(results / "index.csv") as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.4f")


def _copy(source: Path, target: Path) -> None:
    with atomic(target) as temporary:
        shutil.copyfile(source, temporary)
