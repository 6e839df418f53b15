"""What figures call methods, states and models, and their colours."""

import pandas as pd
import seaborn as sns

from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import COMBINED
from experiments.heart.tables.classification import MODELS, TOGETHER

METHODS = {
    "shapley_states": "Shapley, states",
    "shapley_time": "Shapley, time",
    "occlusion_states": "occlusion, states",
    "occlusion_100ms": "occlusion, 100 ms",
    "occlusion_240ms": "occlusion, 240 ms",
    "occlusion_500ms": "occlusion, 500 ms",
    "occlusion_1000ms": "occlusion, 1 s",
    "gradient_shap": "GradientSHAP",
    "lrp": "LRP",
    COMBINED: "Shapley x occlusion",
    "energy": "loudness (control)",
}
COLOURS = {**dict(zip(STATES, sns.color_palette("colorblind"), strict=False)), "diastole": "0.6"}
"""Of the states, wherever they are drawn."""


def models(table: pd.DataFrame) -> list[str]:
    """One name of each row of a table of classification."""
    return [model(*kind) for kind in table[["features", "segmentation", "network"]].to_numpy()]


def model(features: str, segmentation: str, network: str) -> str:
    """One name of what a classifier hears, how it is segmented, and the network."""
    if network == TOGETHER:
        return TOGETHER
    if network != MODELS["mfcc"][2]:
        return network
    if features == "none":
        return "states alone"
    return "MFCC alone" if segmentation == "none" else f"MFCC, {segmentation}"
