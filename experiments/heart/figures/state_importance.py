"""In which states lies what speaks for "abnormal"."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from earwitness.present import plots
from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import COMBINED
from experiments.heart.tables.importance import CHANNELS_SHARE
from reproduction.csv_files import read_csv
from reproduction.results import drawing

METHODS = ("shapley_states", "shapley_time", "occlusion_240ms", "gradient_shap", "lrp", COMBINED)
LEGEND = (
    'Share of the positive relevance for "abnormal", with 95 % intervals over subjects. '
    "Grey bars: the state's share of the time.\n"
    "Counted are clips in which a method gives some state positive relevance."
)


def state_importance(table: Path, labels: dict[str, str], path: Path) -> None:
    """A panel for each diagnosis, right and wrong; also the share of the segmentation's rows."""
    rows = read_csv(table)
    kinds = list(product(("normal", "abnormal"), (True, False)))
    with plots.figure(path, 2, 2, (6.4, 2.9), LEGEND) as panels:
        for panel, (diagnosis, right) in zip(panels.flat, kinds, strict=True):
            own = rows[(rows.diagnosis == diagnosis) & (rows.right == right)]
            panel.set_title(
                f"{diagnosis}, answered {'right' if right else 'wrong'}\n{clip_counts(own)}"
            )
            draw(panel, own, labels)
            panel.set(ylim=(0, 1.02), ylabel="share")


def clip_counts(rows: pd.DataFrame) -> str:
    """How many clips there are and what the network thinks of them."""
    if rows.empty:
        return "no clip"
    most = rows.loc[rows.clips.idxmax()]
    return f"{counted(most.clips)}, mean p(abnormal) = {most.p_abnormal:.2f}"


def counted(clips: float) -> str:
    """A number of clips, as drawn."""
    return f"{clips:.0f} clip" if clips == 1 else f"{clips:.0f} clips"


def draw(panel: Axes, rows: pd.DataFrame, labels: dict[str, str]) -> None:
    """The shares of one kind of clips, each method with the number of its clips."""
    places = [*STATES, CHANNELS_SHARE]
    chance = rows.dropna(subset="chance").groupby("state").chance.mean().reindex(STATES)
    panel.bar(range(len(STATES)), chance, width=0.9, color="0.9", zorder=0)
    for index, method in enumerate(METHODS):
        own = rows[rows.method == method].set_index("state").reindex(places)
        at = np.arange(len(places)) + (index - (len(METHODS) - 1) / 2) * 0.13
        reach = drawing.error_bars(own, "share")
        label = f"{labels[method]}: {counted(own.clips[list(STATES)].fillna(0).max())}"
        panel.errorbar(at, own.share, reach, fmt="o", ms=3, capsize=1.5, lw=1, label=label)
    channels = rows[rows.method.isin(METHODS) & (rows.state == CHANNELS_SHARE)].clips.sum()
    panel.set_xticks(range(len(places)), [*STATES, f"the four\nstate rows:\n{counted(channels)}"])
    panel.set_xlim(-0.6, len(places) - 0.4)
    panel.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
