"""Explanations of a few clips: which source, and which band, when."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora import synthetic_tags
from earwitness.corpora.corpus import Corpus
from earwitness.models.taggers.published import RATE
from earwitness.present import plots
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.figures import names
from experiments.audiolime.jobs.explain import CLIPS
from reproduction.store import ExplainedClip

SHOWN = ("audiolime", "slime")
LEGEND = (
    "What speaks for a tag: weights of sources (audioLIME) and of bands (SLIME) over time.\n"
    "Orange raises the tag's probability, purple lowers it."
)


@dataclass(frozen=True)
class Example:
    """A clip with its explanations by method."""

    clip: ExplainedClip
    answers_of: dict[str, Answers]

    @property
    def wave(self) -> Tensor:
        """The clip, `(samples,)` at 16 kHz."""
        return self.clip.wave(f"{SHOWN[0]}_original")


def choose(cfg: DictConfig) -> list[Example]:
    """For each tagger the clips in full with the most probable tags, each another tag."""
    table = answers.tables(cfg, CLIPS)
    full = table[table.full].sort_values("probability", ascending=False, kind="stable")
    chosen = full.drop_duplicates(["tagger", "tag"]).groupby("tagger", sort=True)
    examples: dict[Path, Example] = {}
    clips = answers.store(cfg).clips(chosen.head(cfg.listen.shown))
    for method in SHOWN:
        for clip, clip_answers in answers.each(clips, method):
            examples.setdefault(clip.folder, Example(clip, {})).answers_of[method] = clip_answers
    return list(examples.values())


def examples(corpus: Corpus, labels: dict[str, str], shown: list[Example], path: Path) -> None:
    """A row a clip: its wave, and a map for each method."""
    with plots.figure(path, len(shown), 1 + len(SHOWN), (4.6, 2.4), LEGEND) as panels:
        for line, example in zip(panels, shown, strict=True):
            row, wave = example.clip.row, example.wave
            time = [sample / RATE for sample in range(0, len(wave), 8)]
            line[0].plot(time, wave[::8].numpy(), color="0.3", lw=0.4)
            answer = f"{row.tag}, p = {row.probability:.2f}"
            title = f"{names.tagger(row.tagger)}: {answer}\n{titled(corpus, row.file)}"
            line[0].set_title(title, fontsize=8)
            line[0].set(xlabel="time (s)", ylabel="amplitude", xlim=(0, len(wave) / RATE))
            for panel, method in zip(line[1:], SHOWN, strict=True):
                plots.draw_explanation(panel, example.answers_of[method].explanation)
                panel.set_title(f"{labels[method]}: {answer}", fontsize=8)
                planted(panel, corpus, row)


def titled(corpus: Corpus, file: str) -> str:
    """A track, as drawn."""
    row = corpus.records[corpus.records.file == file].iloc[0]
    return f"{row.title} ({row.speaker})" if "title" in row else Path(file).stem


def planted(panel: Axes, corpus: Corpus, row: Any) -> None:
    """Mark the passage in which the tag was planted, where one was."""
    if corpus.name != synthetic_tags.NAME:
        return
    regions = synthetic_tags.evidence(corpus.root)
    here = regions[(regions.file == row.file) & (regions.label == row.tag)]
    for region in here.itertuples():
        for edge in (region.onset_s, region.offset_s):
            panel.axvline(edge - row.start / RATE, color="black", ls="--", lw=0.8)
