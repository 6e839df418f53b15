"""Relevance over time, over frequency and over both, drawn from what the explain stage left."""

from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
import torch

from earwitness import plots
from earwitness.audio import RATE
from earwitness.explain.explanation import Explanation
from earwitness.frontends import DecibelSpectrogram
from experiments.audiomnist.explain import NETWORKS, TASKS, Explained


def spectrogram(shown: list[Explained], path: Path) -> None:
    """Spectrogram, relevance for the digit and relevance for the sex, a clip a row."""
    planted = any(len(clip.evidence(task)) for clip in shown for task in TASKS)
    legend = plots.LEGEND + (" Boxes: where the evidence was planted." if planted else "")
    with plots.figure(path, len(shown), 3, (3.4, 2.3), legend) as panels:
        for row, clip in zip(panels, shown, strict=True):
            explanations = [clip.explanation(task, "alexnet") for task in TASKS]
            decibels = DecibelSpectrogram()(clip.wave()[None])[0, 0]
            plots.spectrogram(row[0], decibels, explanations[0])
            row[0].set_title(clip.row.file)
            for panel, task, explanation in zip(row[1:], TASKS, explanations, strict=True):
                plots.relevance_map(panel, explanation)
                plots.outline(panel, clip.evidence(task))
                panel.set_title(f"AlexNet: {plots.headline(explanation)}")


def waveform(shown: list[Explained], path: Path) -> None:
    """Waveforms coloured by relevance: whole, and 40 ms around the most relevant sample."""
    with plots.figure(path, 2 * len(shown), 2, (4.6, 1.7), plots.LEGEND) as panels:
        for index, clip in enumerate(shown):
            for column, task in enumerate(TASKS):
                explanation = clip.explanation(task, "audionet")
                whole, zoomed = panels[2 * index : 2 * index + 2, column]
                for panel in (whole, zoomed):
                    plots.coloured_wave(panel, clip.wave(), explanation)
                whole.set_title(f"{clip.row.file}, AudioNet: {plots.headline(explanation)}")
                middle = int(explanation.values.abs().argmax()) / RATE
                zoomed.set(xlim=(middle - 0.02, middle + 0.02))


def over_time(shown: list[Explained], path: Path) -> None:
    """Share of positive relevance in each 25 ms, for both tasks and networks."""
    with plots.figure(path, len(shown), len(NETWORKS), (4.2, 2.0)) as panels:
        for row, clip in zip(panels, shown, strict=True):
            for panel, (model, name) in zip(row, NETWORKS.items(), strict=True):
                for task in TASKS:
                    explanation = clip.explanation(task, model)
                    times, share = binned(explanation.positive().over_time(), 0.025)
                    panel.step(times, share, where="mid", label=plots.headline(explanation))
                panel.set(xlabel="time (s)", ylabel="share per 25 ms", xlim=(0, 1))
                panel.set_title(f"{clip.row.file}, {name}")
                panel.set_ylim(top=1.4 * panel.get_ylim()[1])  # room for the legend
                panel.legend(frameon=False, loc="upper right")


def binned(explanation: Explanation, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Middles of bins of `width` along the one axis, and the share of relevance in each."""
    (axis,) = explanation.axes
    bins = (axis.values.double() / width).long()
    sums = torch.zeros(int(bins.max()) + 1, dtype=torch.float64)
    sums.index_add_(0, bins, explanation.values.double())
    middles = (np.arange(len(sums)) + 0.5) * width
    return middles, (sums / sums.sum().clamp(min=1e-12)).numpy()


def over_frequency(explained: list[Explained], path: Path) -> None:
    """Mean share of positive relevance over frequency, with its interval over speakers."""
    clips = pd.concat([profile(clip, task) for clip in explained for task in TASKS])
    pairs = list(dict.fromkeys(clips.pair))
    with plots.figure(path, 1, len(pairs), (4.6, 2.8)) as panels:
        for panel, pair in zip(panels[0], pairs, strict=True):
            rows = clips[clips.pair == pair]
            by_speaker = rows.groupby(["task", "speaker", "frequency"], as_index=False).share.mean()
            sns.lineplot(by_speaker, x="frequency", y="share", hue="task", ax=panel, seed=0)
            counts = f"{rows['clip'].nunique()} clips, {rows.speaker.nunique()} speakers"
            panel.set_title(f"{pair}: AlexNet, {counts}, mean p = {rows.p.mean():.2f}")
            panel.set(xlabel="frequency (Hz)", ylabel="relevance per 100 Hz (share)")
            panel.set_ylim(bottom=0)
            panel.legend(frameon=False)


def profile(clip: Explained, task: str) -> pd.DataFrame:
    """Share of positive relevance in each 100 Hz of one clip."""
    explanation = clip.explanation(task, "alexnet")
    frequencies, share = binned(explanation.positive().over_frequency(), 100.0)
    return pd.DataFrame(
        {"frequency": frequencies, "share": share, "task": task, "p": explanation.probability}
    ).assign(pair=clip.row.pair, clip=clip.row.clip, speaker=clip.row.speaker)
