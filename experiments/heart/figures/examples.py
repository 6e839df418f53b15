"""Clips on one axis of time: sound, states, and the relevance by each method."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from earwitness.explain.bins import binned, equal_bins
from earwitness.explain.explanation import Explanation
from earwitness.judge.agreement import BIN_S
from earwitness.present import plots
from earwitness.sound.heart_cycle import STATES
from experiments.heart.components import SEGMENTATION
from experiments.heart.explain import COMBINED, RATE, segments_of, states_of
from experiments.heart.figures import names
from reproduction.store import ExplainedClip

ROWS = ("occlusion_240ms", "shapley_time", "gradient_shap", "lrp", COMBINED)
COLOURS = 'Orange: relevance for "abnormal", purple: against it'
LEGEND = f"{COLOURS}; bins of 100 ms, as shares of the magnitude of a map, each on its own scale."
PLANTED = " Hatched: a murmur was planted."
PLAYERS = f"{COLOURS}. Left: all MFCCs during a state, and its indicator row."


def choose_shown(explained: list[ExplainedClip], count: int) -> list[ExplainedClip]:
    """The clips with the surest answers, one of each diagnosis, right and wrong, in turn."""
    table = pd.DataFrame([vars(clip.row) for clip in explained])
    table["sure"] = (table.p_abnormal - 0.5).abs()
    kinds = table.sort_values("sure", ascending=False).groupby(["diagnosis", "right"], sort=False)
    turn = kinds.cumcount().reindex(table.index)
    order = table.assign(turn=turn).sort_values(
        ["turn", "diagnosis", "right"], ascending=[True, True, False]
    )
    return [explained[index] for index in order.index[:count]]


def headline(clip: ExplainedClip) -> str:
    """Record, truth and answer, as every picture of a clip says them."""
    row = clip.row
    place = f"{row.file} from {row.start_s:.1f} s"
    return f"{place}\ntruly {row.diagnosis}, p(abnormal) = {row.p_abnormal:.2f}"


def examples(shown: list[ExplainedClip], labels: dict[str, str], path: Path) -> None:
    """A clip a column; waveform, states, occlusion, Shapley values and others below each other."""
    legend = LEGEND + PLANTED * any(len(clip.evidence()) for clip in shown)
    with plots.figure(path, 2 + len(ROWS), len(shown), (3.6, 1.15), legend) as panels:
        for column, clip in zip(panels.T, shown, strict=True):
            seconds = len(clip.wave()) / RATE
            draw_wave(column[0], clip)
            draw_states(column[1], clip)
            for panel, method in zip(column[2:], ROWS, strict=True):
                draw_values(panel, clip.explanation(method), seconds)
            for panel in column:
                panel.set_xlim(0, seconds)
                panel.tick_params("x", labelbottom=panel is column[-1])
            column[-1].set_xlabel("time (s)")
        for panel in panels[1, 1:]:
            panel.set_yticklabels([])
        titles = (
            "amplitude",
            "states",
            *(labels[name].replace(" ", "\n", 1) for name in ROWS),
        )
        for panel, label in zip(panels[:, 0], titles, strict=True):
            panel.set_ylabel(label, fontsize=7)


def draw_wave(panel: Axes, clip: ExplainedClip) -> None:
    """The sound, and where a murmur was planted."""
    wave = clip.wave().numpy()
    panel.plot(np.arange(len(wave)) / RATE, wave, color="0.2", lw=0.4)
    for region in clip.evidence().itertuples():
        panel.axvspan(region.onset_s, region.offset_s, fill=False, hatch="////", ec="0.6", lw=0)
    panel.set_title(headline(clip), fontsize=8)


def draw_states(panel: Axes, clip: ExplainedClip) -> None:
    """The states in the input of the network."""
    segments = segments_of(states_of(clip))
    for segment in segments[segments.state > 0].itertuples():
        state = STATES[segment.state - 1]
        place = STATES.index(state)
        panel.barh(place, segment.end_s - segment.start_s, left=segment.start_s, height=1.0,
                   color=names.COLOURS[state])  # fmt: skip
    panel.set_yticks(range(len(STATES)), STATES, fontsize=6)
    panel.invert_yaxis()


def draw_values(panel: Axes, explanation: Explanation, seconds: float) -> None:
    """Contributions per bin, as shares of the sum of their magnitudes."""
    edges = equal_bins(seconds, BIN_S)
    values = binned(explanation, edges).values.numpy()
    share = values / max(np.abs(values).sum(), 1e-30)
    colours = np.where(share > 0, plots.POSITIVE_COLOUR, plots.NEGATIVE_COLOUR)
    panel.bar(edges[:-1].numpy(), share, np.diff(edges.numpy()), align="edge", color=colours)
    panel.axhline(0, color="0.5", lw=0.5)
    if not values.any():
        panel.set_yticks([])
        panel.text(seconds / 2, 0, f"nothing speaks for {explanation.target}", fontsize=7,
                   ha="center", va="bottom")  # fmt: skip


def components(shown: list[ExplainedClip], path: Path) -> None:
    """The Shapley values of states and of rows of the network's input, a clip a row."""
    methods = ("shapley_states", "shapley_rows")
    with plots.figure(path, len(shown), 2, (5.6, 2.0), PLAYERS) as panels:
        for line, clip in zip(panels, shown, strict=True):
            for panel, method in zip(line, methods, strict=True):
                explanation = clip.explanation(method)
                plots.draw_explanation(panel, explanation)
                panel.set_xlabel("")
                panel.set_ylabel("part of p", fontsize=8)
                labels = [short(label) for label in explanation.axes[0].labels]
                panel.set_xticks(range(len(labels)), labels, fontsize=7)
            line[0].set_title(headline(clip), fontsize=8)
            answer = f"p(abnormal) = {clip.row.p_abnormal:.2f}"
            line[1].set_title(f"MFCCs by number, and the rows of states; {answer}", fontsize=8)


def short(label: str) -> str:
    """Names of MFCCs are their numbers."""
    return label.removeprefix("MFCC ").replace(SEGMENTATION, "states")
