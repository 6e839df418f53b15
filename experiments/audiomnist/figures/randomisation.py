"""How relevance changes while the network is randomised, layer after layer."""

from pathlib import Path

import pandas as pd
import seaborn as sns

from earwitness.judge.randomisation import ORIGINAL
from earwitness.present import plots
from experiments.audiomnist.explain import NETWORKS, TASKS


def randomisation(rows: pd.DataFrame, labels: dict[str, str], path: Path) -> None:
    """Rank correlation with the trained network's relevance after each layer, by method.

    `rows` are those of the check `sanity`.
    """
    rows = likeness(rows, labels)
    with plots.figure(path, len(TASKS), len(NETWORKS), (3.9, 2.5)) as panels:
        for line, task in zip(panels, TASKS, strict=True):
            for panel, (network, name) in zip(line, NETWORKS.items(), strict=True):
                own = rows[(rows.task == task) & (rows.network == network)]
                sns.lineplot(own, x="layer", y="value", hue="by", style="by", ax=panel, seed=0)
                panel.set(ylim=(-0.1, 1.05), ylabel="rank correlation", xlabel="")
                panel.set_title(f"{name}, {task}: {own['clip'].nunique()} clips")
                panel.tick_params("x", rotation=60)
                panel.legend(frameon=False, fontsize=7).set_visible(panel is panels[0, 0])
        panels[-1, 1].set_xlabel("last layer randomised, from the output down")


def likeness(rows: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Rows of the check by display name, with the trained network itself, where likeness is 1."""
    kept = rows[rows.check == "likeness"]
    layers = kept.layer.str.removeprefix("network.")
    named = kept.assign(by=kept.method.map(labels), layer=layers)
    start = named.drop_duplicates(["pair", "task", "network", "clip", "by"])
    return pd.concat([start.assign(layer=ORIGINAL, value=1.0), named])
