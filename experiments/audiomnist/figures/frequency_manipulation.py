"""What scaling the frequency axis does to spectrograms and to the answers, two rows a network."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.labels import SEXES
from earwitness.explain.model import AudioModel, crop_or_pad
from earwitness.present import plots
from earwitness.sound.audio import RATE
from experiments.audiomnist.checks.frequency_manipulation import conditions, scaled_input
from experiments.audiomnist.explain import NETWORKS
from reproduction import config
from reproduction.csv_files import read_csv
from reproduction.results import checks, drawing
from reproduction.training.trained import audio_model

CONDITIONS = {
    "original": "as recorded",
    "there_and_back": "moved and moved back",
    "crossed": "men up, women down",
    "both_up": "all up",
    "both_down": "all down",
    "apart": "men down, women up",
}
MARKERS = {"male": "^", "female": "v"}
MOVED = {"male": "moved up", "female": "moved down"}
LEGEND = (
    "Up: frequencies times {male}; down: times {female}. "
    "Shown is the clip of each sex whose answer, once moved, is the median."
)


def frequency_manipulation(cfg: DictConfig, table: Path, path: Path) -> None:
    """Accuracy of each condition, of each sex alone, and a clip of each sex before and after."""
    rows = read_csv(table)
    rows["condition"] = rows.condition.map(CONDITIONS)
    checked = checks.read(cfg, "frequency_manipulation")
    kinds = list(rows.groupby(["corpus", "network"], sort=False))
    legend = LEGEND.format(**cfg.frequency_manipulation.factors)
    with plots.figure(path, 2 * len(kinds), 3, (3.6, 2.4), legend) as panels:
        both = zip(kinds, checked.groupby(["study", "network"], sort=False), strict=True)
        for index, ((_, summary), (_, answers)) in enumerate(both):
            draw_accuracy(panels[2 * index, 0], summary)
            draw_sexes(panels[2 * index + 1, 0], summary)
            for row, sex in zip(panels[2 * index : 2 * index + 2], SEXES, strict=True):
                draw_clip(cfg, row[1:], answers[answers.sex == sex])


def draw_accuracy(panel: Axes, summary: pd.DataFrame) -> None:
    """Accuracy of one network with its interval."""
    drawing.draw_intervals(panel, summary, y="condition", hue="network")
    panel.axvline(0.5, color="0.6", ls=":")
    first = summary.iloc[0]
    panel.set_title(
        f"{NETWORKS[first.network]}, {first.corpus}: {first.clips} clips, {first.speakers} speakers"
    )
    panel.set(xlim=(-0.02, 1.02), xlabel="accuracy (95 % over speakers; dotted: chance)")


def draw_sexes(panel: Axes, summary: pd.DataFrame) -> None:
    """Share of right answers among the clips of each sex."""
    for sex, marker in MARKERS.items():
        panel.plot(summary[sex], range(len(summary)), marker, label=f"{sex} voices", alpha=0.8)
    panel.set_yticks(range(len(summary)), summary.condition)
    panel.invert_yaxis()
    panel.set(xlim=(-0.02, 1.02), xlabel="right answers (share)")
    panel.legend(frameon=False)


def draw_clip(cfg: DictConfig, panels: np.ndarray, answers: pd.DataFrame) -> None:
    """The network's input (dB) before and after its frequencies are scaled, on `panels` `(2,)`."""
    chosen = median(answers[answers.condition == "crossed"])
    model = audio_model(cfg, f"{chosen.study}/{chosen.network}/{chosen.fold}")
    corpus = config.build(cfg.studies[chosen.study].corpus)
    (wave,) = corpus.waves(corpus.rows(pd.Series([chosen.file])))
    placed, _ = crop_or_pad(wave, RATE)
    same = answers[answers.file == chosen.file].set_index("condition")
    shown = {"original": CONDITIONS["original"], "crossed": MOVED[chosen.sex]}
    for panel, (condition, text) in zip(panels, shown.items(), strict=True):
        given = scaled_input(model, placed[None], conditions(cfg)[condition][chosen.sex])
        draw_input(panel, model, given[0, 0])
        p = same.p_female[condition]
        answer = f"sex female, p = {p:.2f}" if p > 0.5 else f"sex male, p = {1 - p:.2f}"
        panel.set_title(f"{chosen.file}, {text}\n{answer}")


def median(answers: pd.DataFrame) -> Any:
    """The row whose answer is in the middle of all."""
    ordered = answers.sort_values(["p_female", "file"])
    return next(ordered.iloc[[len(ordered) // 2]].itertuples())


def draw_input(panel: Axes, model: AudioModel, given: Tensor) -> None:
    """A spectrogram `(bands, frames)` as a network is given it, in dB."""
    frequency, time = model.axes(given.shape, RATE)
    frontend: Any = model.frontend
    image = panel.pcolormesh(
        time.values.numpy(),
        frequency.values.numpy() / 1000,
        (given / frontend.scale - frontend.offset).numpy(),
        cmap="Greys",
        vmin=frontend.floor_db,
        vmax=0,
        shading="nearest",
        rasterized=True,
    )
    panel.set(xlabel="time (s)", ylabel="frequency (kHz)", xlim=(0, 1), ylim=(0, 4))
    panel.figure.colorbar(image, ax=panel, label="dB below maximum", aspect=30)
