"""In which states lies what speaks for "abnormal"."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from earwitness import plots
from earwitness.segmentation import STATES
from experiments.heart.figures import names
from experiments.heart.tables.importance import CHANNELS_SHARE

METHODS = ("shapley_states", "shapley_time", "occlusion_240ms", "gradient_shap", "lrp", "combined")
LEGEND = (
    'Share of what speaks for "abnormal", with 95 % intervals over subjects. '
    "Grey bars: the state's share of the time."
)


def state_importance(table: Path, path: Path) -> None:
    """A panel for each diagnosis, right and wrong; also the share of the segmentation's rows."""
    rows = pd.read_csv(table)
    kinds = list(product(("normal", "abnormal"), (True, False)))
    with plots.figure(path, 2, 2, (5.4, 2.9), LEGEND) as panels:
        for panel, (diagnosis, right) in zip(panels.flat, kinds, strict=True):
            own = rows[(rows.diagnosis == diagnosis) & (rows.right == right)]
            panel.set_title(f"{diagnosis}, answered {'right' if right else 'wrong'}: {told(own)}")
            if len(own):
                draw(panel, own)
            panel.set(ylim=(0, 1.02), ylabel="share")
        fullest = max(panels.flat, key=lambda panel: len(panel.containers))
        handles = fullest.get_legend_handles_labels()
        panels[0, 1].legend(*handles, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def told(rows: pd.DataFrame) -> str:
    """How many clips there are and what the network thinks of them."""
    if rows.empty:
        return "no clip"
    most = rows.loc[rows.clips.idxmax()]
    return f"{most.clips} clips, mean p(abnormal) = {most.p_abnormal:.2f}"


def draw(panel: Axes, rows: pd.DataFrame) -> None:
    """The shares of one kind of clips."""
    places = [*STATES, CHANNELS_SHARE]
    chance = rows.dropna(subset="chance").groupby("state").chance.mean().reindex(STATES)
    panel.bar(range(len(STATES)), chance, width=0.9, color="0.9", zorder=0)
    for index, method in enumerate(METHODS):
        own = rows[rows.method == method].set_index("state").reindex(places)
        at = np.arange(len(places)) + (index - (len(METHODS) - 1) / 2) * 0.13
        reach = np.abs(own[["share_low", "share_high"]].to_numpy().T - own.share.to_numpy())
        panel.errorbar(at, own.share, reach, fmt="o", ms=3, capsize=1.5, lw=1,
                       label=names.METHODS[method])  # fmt: skip
    panel.set_xticks(range(len(places)), [*STATES, "the four\nstate rows"])
