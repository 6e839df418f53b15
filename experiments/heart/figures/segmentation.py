"""How well states are found, how sure one may be where they are not annotated, and failures."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from earwitness.judge.segmentation import HEART_SOUNDS
from earwitness.present import plots
from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import RATE
from experiments.heart.figures import names
from experiments.heart.jobs.segmenter import TOLERANCES_MS
from experiments.heart.segmented import predicted_states
from experiments.heart.tables.segmentation import UNSURE, confidences
from reproduction import config
from reproduction.csv_files import read_csv

FAILURES = 6
SHOWN_S = 5.0
MEASURED = "share; 95 % interval over subjects, small dots: folds"
MEASURES = {
    "accuracy": "frame accuracy",
    **{f"F1_{state}": f"F1 {state}" for state in STATES},
    **{
        f"{sound}_onset_F1_{within}ms": f"{sound} onset F1, {within} ms"
        for sound, within in product(HEART_SOUNDS, TOLERANCES_MS)
    },
}


def segmentation(cfg: DictConfig, table: Path, path: Path) -> None:
    """Each measure over all folds and in each, decoded and not; confidence by database."""
    rows = read_csv(table)
    whole = rows[rows.fold == "all"]
    with plots.figure(path, 1, 2, (5.2, 3.2)) as panels:
        measured, sure = panels[0]
        for decoded, group in rows.groupby("decoded"):
            draw_measures(measured, group, bool(decoded))
        measured.set_yticks(range(len(MEASURES)), list(MEASURES.values()))
        measured.set(ylim=(len(MEASURES) - 0.4, -0.6), xlabel=MEASURED)
        counts = f"{whole.recordings.iloc[0]} recordings, {whole.subjects.iloc[0]} subjects"
        measured.set_title(f"annotated states: {counts}")
        measured.legend(frameon=False)
        records = recordings(cfg)
        sns.boxplot(records.sort_values("database"), x="database", y="confidence", ax=sure,
                    color="0.85", fliersize=2, linewidth=0.8)  # fmt: skip
        sure.axhline(UNSURE, color="0.5", ls=":", lw=1)
        sure.set(ylabel="mean confidence of a recording", ylim=(None, 1.0))
        sure.set_title(f"predicted states: {len(records)} recordings")


def draw_measures(panel: Axes, rows: pd.DataFrame, decoded: bool) -> None:
    """One point a measure with its interval, and a small dot for each fold."""
    row = rows[rows.fold == "all"].iloc[0]
    values = row[list(MEASURES)].astype(float).to_numpy()
    ends = [row[[f"{name}_{end}" for name in MEASURES]].astype(float) for end in ("low", "high")]
    reach = np.abs(np.stack(ends) - values)
    heights = np.arange(len(values)) + (0.15 if decoded else -0.15)
    label = "decoded with durations" if decoded else "network alone"
    drawn = panel.errorbar(values, heights, xerr=reach, fmt="o", ms=4, capsize=2, label=label)
    colour = drawn.lines[0].get_color()
    for fold in rows.loc[rows.fold != "all", list(MEASURES)].to_numpy(float):
        panel.plot(fold, heights, ".", ms=3, color=colour, alpha=0.5)


def recordings(cfg: DictConfig) -> pd.DataFrame:
    """The recordings that are classified, with the mean confidence of their predicted states."""
    corpus: Corpus = config.build(cfg.studies[cfg.states.study].corpus)
    sure = confidences(predicted_states(cfg)).rename("confidence")
    return corpus.records.join(sure, on="file")


def failures(cfg: DictConfig, path: Path) -> None:
    """The recordings whose states were found with the least confidence: their first seconds."""
    corpus: Corpus = config.build(cfg.studies[cfg.states.study].corpus)
    least = recordings(cfg).nsmallest(FAILURES, "confidence")
    states = predicted_states(cfg)
    legend = "The recordings whose states are least sure; colours are the predicted states."
    with plots.figure(path, len(least), 1, (7.0, 1.3), legend) as panels:
        waves = corpus.waves(least.index)
        for panel, row, wave in zip(panels[:, 0], least.itertuples(), waves, strict=True):
            shown = wave[: round(SHOWN_S * RATE)].numpy()
            panel.plot(np.arange(len(shown)) / RATE, shown, color="0.2", lw=0.5)
            strip(panel, states[states.file == row.file])
            panel.set(xlim=(0, SHOWN_S), ylabel="amplitude")
            panel.set_title(f"{row.file}, {row.diagnosis}, mean confidence {row.confidence:.2f}")
        panels[-1, 0].set_xlabel("time (s)")
        handles = [panels[0, 0].axvspan(-2, -1, color=names.COLOURS[s], alpha=0.4) for s in STATES]
        panels[0, 0].figure.legend(
            handles, STATES, ncols=4, loc="outside lower center", frameon=False
        )


def strip(panel: Axes, segments: pd.DataFrame) -> None:
    """Colour the time of each state."""
    for segment in segments[(segments.start_s < SHOWN_S) & (segments.state > 0)].itertuples():
        colour = names.COLOURS[STATES[segment.state - 1]]
        panel.axvspan(segment.start_s, segment.end_s, color=colour, alpha=0.4, lw=0)
