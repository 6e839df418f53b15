"""Display names of methods and models, and the colours of states."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from omegaconf import DictConfig

from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import COMBINED
from experiments.heart.tables.classification import model_name
from reproduction.explainers import built_explainers, method_names

COLOURS = {**dict(zip(STATES, sns.color_palette("colorblind"), strict=False)), "diastole": "0.6"}
"""Of the states, in all figures."""


def methods(explainers: Mapping[str, DictConfig], combined: Sequence[str]) -> dict[str, str]:
    """Display names of configured explainers and of the product of two of them, by method."""
    factors = " x ".join(built_explainers(explainers)[key].name for key in combined)
    return method_names(explainers) | {COMBINED: factors}


def models(table: pd.DataFrame) -> list[str]:
    """The display name of the model of each row of a table of classification."""
    return [model_name(*kind) for kind in table[["features", "segmentation", "network"]].to_numpy()]
