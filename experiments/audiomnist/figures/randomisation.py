"""How relevance changes while the network forgets, layer after layer."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from omegaconf import DictConfig

from earwitness.judge.randomisation import ORIGINAL
from earwitness.present import plots
from experiments.audiomnist.explain import METHODS, NETWORKS, TASKS
from reproduction.results import checks


def randomisation(cfg: DictConfig, path: Path) -> None:
    """Rank correlation with the trained network's relevance after each layer, by method."""
    rows = likeness(checks.read(cfg, "sanity"))
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


def likeness(rows: pd.DataFrame) -> pd.DataFrame:
    """Likeness of each method, with the original, where it is one."""
    kept = rows[rows.check == "likeness"]
    told = kept.assign(by=kept.method.map(METHODS), layer=kept.layer.str.removeprefix("network."))
    start = told.drop_duplicates(["pair", "task", "network", "clip", "by"])
    return pd.concat([start.assign(layer=ORIGINAL, value=1.0), told])
