"""What the length of the occluded window does to what one sees."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from earwitness import plots
from earwitness.segmentation import STATES
from experiments.heart.figures import names


def occlusion_windows(table: Path, localisation: Path, path: Path) -> None:
    """Shares of states, likeness with GradientSHAP, and hits of planted murmurs where there are."""
    rows, hits = pd.read_csv(table), of_windows(pd.read_csv(localisation))
    with plots.figure(path, 1, 3 if len(hits) else 2, (3.7, 2.9)) as panels:
        shares, likeness = panels[0, :2]
        for state in STATES:
            own = rows[rows.state == state]
            colour = names.COLOURS[state]
            shares.plot(own.window_ms, own.share, marker="o", ms=4, color=colour, label=state)
            shares.fill_between(
                own.window_ms, own.share_low, own.share_high, color=colour, alpha=0.2
            )
            shares.plot(own.window_ms, own.chance, ls=":", color=colour)
        shares.set(ylabel='share of what speaks for "abnormal"', ylim=(0, None))
        shares.set_title(f"{rows.clips.max()} clips; dotted: share of the time")
        shares.legend(frameon=False, ncols=2, fontsize=7)
        own = rows[rows.state == STATES[0]]
        draw(likeness, own.window_ms, own[["alike", "alike_low", "alike_high"]])
        likeness.set(ylabel="rank correlation with GradientSHAP", ylim=(0, 1.02))
        if len(hits):
            draw(panels[0, 2], hits.window_ms, hits[["hit", "hit_low", "hit_high"]])
            panels[0, 2].plot(hits.window_ms, hits.chance, ls=":", color="0.4", label="chance")
            panels[0, 2].set(ylabel="planted murmurs hit", ylim=(0, 1.02))
            panels[0, 2].set_title(f"{hits.clips.max()} murmurs, answered right")
            panels[0, 2].legend(frameon=False)
        for panel in panels[0]:
            panel.set(xlabel="occluded window (ms)", xscale="log")
            panel.set_xticks(own.window_ms, own.window_ms)
            panel.minorticks_off()


def draw(panel: Axes, places: pd.Series, told: pd.DataFrame) -> None:
    """A value with its interval, along the windows."""
    value, low, high = (told[name] for name in told)
    panel.plot(places, value, marker="o", ms=4, color="0.2")
    panel.fill_between(places, low, high, color="0.2", alpha=0.2)


def of_windows(localisation: pd.DataFrame) -> pd.DataFrame:
    """The rows of the occlusions of murmurs that the network answered right, by their window."""
    length = localisation.method.astype(str).str.extract(r"occlusion_(\d+)ms")[0]
    rows = localisation.assign(window_ms=pd.to_numeric(length))
    return rows[rows.window_ms.notna() & (rows.right == True)].sort_values("window_ms")  # noqa: E712
