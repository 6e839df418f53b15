"""The figures of the paper, drawn from what the explain stage left; and the audible explanation."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
import torch
from omegaconf import DictConfig

from earwitness import audio, config, listen, plots
from earwitness.audio import RATE
from earwitness.corpora.corpus import classes
from earwitness.explain.explanation import Explanation
from earwitness.frontends import DecibelSpectrogram
from experiments.audiomnist.explain import NETWORKS, TASKS, Explained, read_explained

NAMES = NETWORKS | {"mfcc_logistic": "MFCC, linear"}


def main(cfg: DictConfig) -> None:
    """Draw every figure and write the listenable explanation of each shown clip."""
    results = config.paper_folder(cfg, "results")
    explained = read_explained(cfg)
    shown = choose_shown(explained)
    drawings = {
        "accuracy": partial(accuracy, results / "tables/accuracy.csv"),
        "relevance_spectrogram": partial(relevance_spectrogram, shown),
        "relevance_waveform": partial(relevance_waveform, shown),
        "relevance_over_time": partial(relevance_over_time, shown),
        "relevance_over_frequency": partial(relevance_over_frequency, explained),
    }
    for name, draw in drawings.items():
        draw(results / "figures" / f"{name}.png")
    shutil.rmtree(results / "audio", ignore_errors=True)
    for clip in shown:
        make_audible(clip, results / "audio")


def make_audible(clip: Explained, results: Path) -> None:
    """Write a clip and what of it spoke for each answer of the waveform network."""
    wave = clip.wave()
    audio.write(results / f"{clip.row.clip}_original.wav", wave)
    for task in TASKS:
        heard = listen.from_relevance(wave, clip.explanation(task, "audionet").values)
        audio.write(results / f"{clip.row.clip}_{task}_relevance.wav", heard)


def choose_shown(explained: list[Explained]) -> list[Explained]:
    """The first clip of each pair and each answer to the speaker's sex."""
    kinds = {
        (clip.row.pair, clip.explanation("sex", "alexnet").target): clip
        for clip in reversed(explained)
    }
    return list(reversed(kinds.values()))


def accuracy(table: Path, path: Path) -> None:
    """Accuracy of every model with its interval, by corpus and task."""
    rows = pd.read_csv(table)
    rows["network"] = rows.network.map(lambda name: NAMES.get(name, name))
    rows["study"] = rows.corpus + "\n" + rows.task
    with plots.figure(path, 1, 1, (5.5, 0.8 + 0.7 * rows.study.nunique())) as panels:
        panel = panels[0, 0]
        plots.intervals(panel, rows, of="study", by="network")
        for index, task in enumerate(rows.drop_duplicates("study").task):
            chance = 1 / len(classes(task))
            panel.plot([chance, chance], [index - 0.4, index + 0.4], color="0.6", ls=":")
        panel.set(xlim=(0, 1.02), xlabel="test accuracy (95 % interval over speakers)")
        panel.plot([], [], color="0.6", ls=":", label="chance")
        panel.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def relevance_spectrogram(shown: list[Explained], path: Path) -> None:
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


def relevance_waveform(shown: list[Explained], path: Path) -> None:
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


def relevance_over_time(shown: list[Explained], path: Path) -> None:
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


def relevance_over_frequency(explained: list[Explained], path: Path) -> None:
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


if __name__ == "__main__":
    config.run_stage(main)
