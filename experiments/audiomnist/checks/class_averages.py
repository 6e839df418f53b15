"""Where relevance for a class lies on average: a row a clip in `class_averages.csv`, and maps.

Only test clips that a network classifies correctly are averaged; a waveform's relevance is taken
over frequency and time by DFT-LRP. The maps are stored beside the explanations, in `averages/`.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.explanation import Axis, Explanation
from experiments.audiomnist.explain import folder, time_frequency
from experiments.audiomnist.tested import Tested, tested
from reproduction import config
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.training.trained import audio_model

CHECK = "class_averages"
METHOD = "lrp"


class Clip(NamedTuple):
    """One clip's row and the positive part of its relevance over frequency and time."""

    row: dict[str, object]
    explanation: Explanation


def main(cfg: DictConfig) -> None:
    """Explain test clips of every study by every network, and average them by class."""
    torch.set_num_threads(cfg.threads)
    parts = list(tested(cfg, list(cfg.explain.explainers), cfg.explain.averaged))
    clips = list(
        chain.from_iterable(parallel_map(partial(right, cfg), parts, cfg.processes, "averages"))
    )
    of_networks: dict[Path, list[Explanation]] = defaultdict(list)
    for row, explanation in clips:
        of_networks[map_path(cfg, row["study"], row["network"])].append(explanation)
    for place, explanations in of_networks.items():
        mean_by_class(explanations).save(place)
    checks.write(cfg, CHECK, pd.DataFrame([clip.row for clip in clips]))


def map_path(cfg: DictConfig, study: object, network: object) -> Path:
    """Where the mean maps of a network are kept."""
    return folder(cfg) / "averages" / f"{study}_{network}.pt"


def right(cfg: DictConfig, clips: Tested) -> list[Clip]:
    """The clips that a network classifies correctly, explained."""
    return list(_right(cfg, clips))


def _right(cfg: DictConfig, clips: Tested) -> Iterator[Clip]:
    model = audio_model(cfg, clips.job)
    explainer = config.build(cfg.explain.explainers[clips.network][METHOD])
    of_study = {"study": clips.study, "network": clips.network}
    for record, wave in zip(clips.rows.to_dict("records"), clips.waves, strict=True):
        if model.predicted_class(wave) == record["label"]:
            relevance = time_frequency(explainer(model, wave, record["label"]), wave).positive()
            centres = {f"mean_{axis.name}": centre(relevance, axis.name) for axis in relevance.axes}
            yield Clip(of_study | record | {"p": relevance.probability} | centres, relevance)


def centre(explanation: Explanation, name: str) -> float:
    """Mean place along an axis, in its unit, weighted by relevance."""
    along = explanation.over(name)
    return float((share(along) * along.axis(name).values).sum())


def mean_by_class(explanations: list[Explanation]) -> Explanation:
    """Mean over clips of one network's maps, `(class, frequency, time)`, as shares.

    The classes say how many clips they have; the probability is the mean over all clips.
    """
    by_class = defaultdict(list)
    for one in sorted(explanations, key=lambda one: one.target):
        by_class[one.target].append(one)
    means = [torch.stack([share(one) for one in some]).mean(0) for some in by_class.values()]
    labels = [f"{name} ({len(some)})" for name, some in by_class.items()]
    first = explanations[0]
    return Explanation(
        values=torch.stack(means),
        axes=(Axis.of_names("class", labels), *first.axes),
        target="each class",
        probability=sum(one.probability for one in explanations) / len(explanations),
        method=first.method,
        settings=first.settings,
        gap=None,
    )


def share(explanation: Explanation) -> Tensor:
    """Values `(...)`, shaped as before, as shares of their sum."""
    return explanation.values / explanation.values.sum().clamp(min=1e-30)
