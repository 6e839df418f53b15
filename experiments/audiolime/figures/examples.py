"""Explanations of a few clips: which source, and which band, when."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora import synthetic_tags
from earwitness.corpora.corpus import Corpus
from earwitness.models.taggers.published import RATE
from earwitness.present import plots
from earwitness.sound import audio
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.figures import names
from experiments.audiolime.jobs.explain import CLIPS
from reproduction import config

SHOWN = ("audiolime", "slime")
LEGEND = (
    "What speaks for a tag: weights of sources (audioLIME) and of bands (SLIME) over time.\n"
    "Orange raises the tag's probability, purple lowers it."
)


@dataclass(frozen=True)
class Example:
    """A clip with its explanations and the folder of its sounds."""

    row: pd.Series
    found: dict[str, Answers]
    folder: Path

    @property
    def name(self) -> str:
        """Of the clip."""
        return str(self.row["clip"])

    @property
    def wave(self) -> Tensor:
        """The clip, `(samples,)` at 16 kHz."""
        return audio.read(self.folder / f"{SHOWN[0]}_original.wav", RATE)


def choose(cfg: DictConfig) -> list[Example]:
    """For each tagger the clips in full whose tags it is surest of, each another tag."""
    clips = answers.tables(cfg, CLIPS)
    full = clips[clips.full].sort_values("probability", ascending=False, kind="stable")
    chosen = full.drop_duplicates(["tagger", "tag"]).groupby("tagger", sort=True)
    rows = chosen.head(cfg.listen.shown)
    found: dict[tuple[str, str], Example] = {}
    for method in SHOWN:
        for row, asked in answers.each(cfg, rows, method):
            key = row.tagger, row["clip"]
            known = found.setdefault(key, Example(row, {}, answers.folder(cfg, row)))
            known.found[method] = asked
    return list(found.values())


def examples(cfg: DictConfig, shown: list[Example], path: Path) -> None:
    """A row a clip: its wave, and a map for each method."""
    corpus: Corpus = config.build(cfg.studies.music.corpus)
    with plots.figure(path, len(shown), 1 + len(SHOWN), (4.6, 2.4), LEGEND) as panels:
        for line, example in zip(panels, shown, strict=True):
            row, wave = example.row, example.wave
            time = [sample / RATE for sample in range(0, len(wave), 8)]
            line[0].plot(time, wave[::8].numpy(), color="0.3", lw=0.4)
            told = f"{row.tag}, p = {row.probability:.2f}"
            title = f"{names.tagger(row.tagger)}: {told}\n{titled(corpus, row.file)}"
            line[0].set_title(title, fontsize=8)
            line[0].set(xlabel="time (s)", ylabel="amplitude", xlim=(0, len(wave) / RATE))
            for panel, method in zip(line[1:], SHOWN, strict=True):
                plots.draw_explanation(panel, example.found[method].explanation)
                panel.set_title(f"{names.method(method)}: {told}", fontsize=8)
                planted(panel, corpus, row)


def titled(corpus: Corpus, file: str) -> str:
    """A track, as drawn."""
    row = corpus.records[corpus.records.file == file].iloc[0]
    return f"{row.title} ({row.speaker})" if "title" in row else Path(file).stem


def planted(panel: Axes, corpus: Corpus, row: pd.Series) -> None:
    """Mark the passage in which the tag was planted, where one was."""
    if corpus.name != synthetic_tags.NAME:
        return
    regions = synthetic_tags.evidence(corpus.root)
    here = regions[(regions.file == row.file) & (regions.label == row.tag)]
    for region in here.itertuples():
        for edge in (region.onset_s, region.offset_s):
            panel.axvline(edge - row.start / RATE, color="black", ls="--", lw=0.8)
