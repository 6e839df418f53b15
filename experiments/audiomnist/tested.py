"""Labelled test clips of a study, as network inputs of the checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.explain.model import crop_or_pad
from earwitness.sound.audio import RATE
from reproduction import config, sweep


@dataclass(frozen=True)
class Tested:
    """Clips of one study that one network, `study/network/fold`, was tested on.

    Attributes:
        job: the network's training.
        rows: file, speaker, label (the number of the class) of each clip.
        corpus: where they are read.
    """

    job: str
    rows: pd.DataFrame
    corpus: Corpus

    @property
    def network(self) -> str:
        """Name of the network's configuration."""
        return self.job.split("/")[1]

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.job.split("/")[0]

    @property
    def fold(self) -> str:
        """Number of the fold."""
        return self.job.split("/")[2]

    @cached_property
    def waves(self) -> Tensor:
        """The clips in the middle of a second each, `(clips, 8000)`."""
        waves = self.corpus.waves(self.corpus.rows(self.rows.file))
        return torch.stack([crop_or_pad(wave, RATE)[0] for wave in waves])

    @property
    def labels(self) -> Tensor:
        """The number of the class of each clip, `(clips,)`."""
        return torch.tensor(self.rows.label.to_numpy())


def tested(cfg: DictConfig, networks: list[str], count: int | None) -> Iterator[Tested]:
    """Up to `count` test clips of every study, evenly over its speakers; None for all of them.

    They come by network and fold, and nobody among them was heard in training.
    """
    predicted = sweep.predictions(cfg)
    for study, settings in cfg.studies.items():
        corpus: Corpus = config.build(settings.corpus)
        rows = predicted[predicted.study == study].drop_duplicates("file")
        chosen = spread(rows, count or len(rows), cfg.seed)
        for fold, part in chosen.groupby("fold"):
            kept = part[["file", "speaker", "label"]].reset_index(drop=True)
            for network in networks:
                yield Tested(f"{study}/{network}/{fold}", kept, corpus)


def spread(rows: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """Up to `count` rows drawn at random, as many of each speaker as can be, in their order."""
    drawn = rows.sample(frac=1, random_state=seed)
    turn = drawn.groupby("speaker").cumcount()
    return drawn.assign(turn=turn).sort_values(["turn", "speaker"]).head(count).sort_index()
