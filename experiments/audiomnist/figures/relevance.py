"""Relevance over time, over frequency and over both, drawn from what the explain stage left."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
import torch
from matplotlib.axes import Axes

from earwitness.explain.explanation import Explanation
from earwitness.present import plots
from earwitness.sound.audio import RATE
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram
from experiments.audiomnist.checks.fidelity import METHODS
from experiments.audiomnist.explain import NETWORKS, TASKS, evidence, time_frequency
from reproduction.store import ExplainedClip


def spectrogram(shown: list[ExplainedClip], path: Path) -> None:
    """Spectrogram, and AlexNet's relevance for digit and sex by both composites, a clip a row."""
    kinds = list(product(TASKS, METHODS))
    with plots.figure(path, len(shown), 1 + len(kinds), (3.2, 2.3), legend(shown)) as panels:
        for row, clip in zip(panels, shown, strict=True):
            draw_spectrogram(row[0], clip)
            for panel, (task, method) in zip(row[1:], kinds, strict=True):
                explanation = clip.explanation(task, "alexnet", method)
                draw_map(panel, explanation, evidence(clip, task))
                panel.set_title(f"{explanation.method}\n{plots.target_label(explanation)}")


def time_frequency_of_both(shown: list[ExplainedClip], path: Path) -> None:
    """The waveform network's relevance, taken over frequency, beside the spectrogram network's."""
    kinds = list(product(TASKS, ("alexnet", "audionet")))
    with plots.figure(path, len(shown), 1 + len(kinds), (3.2, 2.3), legend(shown)) as panels:
        for row, clip in zip(panels, shown, strict=True):
            draw_spectrogram(row[0], clip)
            for panel, (task, network) in zip(row[1:], kinds, strict=True):
                relevance = time_frequency(clip.explanation(task, network, "lrp"), clip.wave())
                draw_map(panel, relevance, evidence(clip, task))
                of = "AudioNet, DFT-LRP" if network == "audionet" else NETWORKS[network]
                panel.set_title(f"{of}\n{plots.target_label(relevance)}")


def legend(shown: list[ExplainedClip]) -> str:
    """What colours mean, and boxes where there are any."""
    planted = any(len(evidence(clip, task)) for clip in shown for task in TASKS)
    return plots.SIGN_LEGEND + (" Boxes: where the evidence was planted." if planted else "")


def draw_spectrogram(panel: Axes, clip: ExplainedClip) -> None:
    """The clip as AlexNet is given it."""
    decibels = DecibelSpectrogram()(clip.wave()[None])[0, 0]
    plots.draw_spectrogram(panel, decibels, clip.explanation("digit", "alexnet", "lrp"))
    panel.set_title(clip.row.file)


def draw_map(panel: Axes, explanation: Explanation, regions: pd.DataFrame) -> None:
    """Relevance over time and frequency, with the regions where evidence was planted."""
    plots.draw_relevance_map(panel, explanation)
    plots.outline_regions(panel, regions)
    panel.set(ylim=(0, 4), xlim=(0, 1))


def waveform(shown: list[ExplainedClip], path: Path) -> None:
    """Waveforms coloured by relevance: whole, and 40 ms around the most relevant sample."""
    kinds = list(product(TASKS, METHODS))
    with plots.figure(path, 2 * len(shown), len(kinds), (3.6, 1.7), plots.SIGN_LEGEND) as panels:
        for index, clip in enumerate(shown):
            for column, (task, method) in enumerate(kinds):
                explanation = clip.explanation(task, "audionet", method)
                whole, zoomed = panels[2 * index : 2 * index + 2, column]
                for panel in (whole, zoomed):
                    plots.draw_coloured_wave(panel, clip.wave(), explanation)
                whole.set_title(
                    f"{clip.row.file}, {explanation.method}\n{plots.target_label(explanation)}"
                )
                middle = int(explanation.values.abs().argmax()) / RATE
                zoomed.set(xlim=(middle - 0.02, middle + 0.02))


def over_time(shown: list[ExplainedClip], path: Path) -> None:
    """Share of positive relevance in each 25 ms, for both tasks and networks."""
    with plots.figure(path, len(shown), len(NETWORKS), (4.2, 2.0)) as panels:
        for row, clip in zip(panels, shown, strict=True):
            for panel, (model, name) in zip(row, NETWORKS.items(), strict=True):
                for task in TASKS:
                    explanation = clip.explanation(task, model, "lrp")
                    times, share = share_per_bin(explanation.positive().over_time(), 0.025)
                    panel.step(times, share, where="mid", label=plots.target_label(explanation))
                panel.set(xlabel="time (s)", ylabel="share per 25 ms", xlim=(0, 1))
                panel.set_title(f"{clip.row.file}, {name}")
                panel.set_ylim(top=1.4 * panel.get_ylim()[1])  # room for the legend
                panel.legend(frameon=False, loc="upper right")


def share_per_bin(explanation: Explanation, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Middles of bins of `width`, in the unit of the one axis, and the share of relevance in each.

    Both are `(bins,)`.
    """
    (axis,) = explanation.axes
    bins = (axis.values.double() / width).long()
    sums = torch.zeros(int(bins.max()) + 1, dtype=torch.float64)
    sums.index_add_(0, bins, explanation.values.double())
    middles = (np.arange(len(sums)) + 0.5) * width
    return middles, (sums / sums.sum().clamp(min=1e-12)).numpy()


def over_frequency(explained: list[ExplainedClip], path: Path) -> None:
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


def profile(clip: ExplainedClip, task: str) -> pd.DataFrame:
    """Share of positive relevance in each 100 Hz of one clip."""
    explanation = clip.explanation(task, "alexnet", "lrp")
    frequencies, share = share_per_bin(explanation.positive().over_frequency(), 100.0)
    return pd.DataFrame(
        {"frequency": frequencies, "share": share, "task": task, "p": explanation.probability}
    ).assign(pair=clip.row.pair, clip=clip.row.clip, speaker=clip.row.speaker)
