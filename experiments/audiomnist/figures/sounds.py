"""The audible explanations of the shown clips, and what the networks make of them."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.audiomnist import CLASSES
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel
from earwitness.present import listen
from earwitness.sound.audio import RATE
from experiments.audiomnist.checks.fidelity import RENDERINGS, fold_models, mask, probabilities
from experiments.audiomnist.explain import (
    NETWORKS,
    TASKS,
    time_frequency,
)
from reproduction import sweep
from reproduction.results import listening
from reproduction.results.listening import Listenable, Part
from reproduction.store import ExplainedClip

RENDERED = dict(zip(RENDERINGS, ("times signal", "as a mask of the spectrum"), strict=True))
"""How an explanation became sound, in words for readers."""


def write(cfg: DictConfig, shown: list[ExplainedClip], results: Path) -> None:
    """Write each clip, and for each answer its audible part and the rest, in both renderings.

    Each sound comes with the probability that every network of the fold gives to the answer. Of
    recordings of others nothing is written.
    """
    ours = [clip for clip in shown if clip.has_evidence]
    listening.write(results, (entry for clip in ours for entry in of_clip(cfg, clip)), RATE)


def of_clip(cfg: DictConfig, clip: ExplainedClip) -> Iterator[Listenable]:
    """Every explanation of a clip that can be listened to."""
    truth = truth_of(cfg, clip)
    for task in TASKS:
        study = cfg.explain.pairs[clip.row.pair][task]
        models = fold_models(cfg, study, getattr(clip.row, f"{task}_fold"))
        for network, rendering in product(models, RENDERINGS):
            yield taken_apart(clip, truth, task, network, rendering, models)


def truth_of(cfg: DictConfig, clip: ExplainedClip) -> str:
    """The speaker and the digit of a synthesised clip, in words for readers."""
    studies = cfg.explain.pairs[clip.row.pair]
    answered = sweep.predictions(cfg, *studies.values())
    labels = answered[answered.file == clip.row.file].groupby("study").label.first()
    known = {task: CLASSES[task][labels[studies[task]]] for task in TASKS}
    return f"a synthesised {known['sex']} voice says {known['digit']}"


def taken_apart(
    clip: ExplainedClip,
    truth: str,
    task: str,
    network: str,
    rendering: str,
    models: dict[str, AudioModel],
) -> Listenable:
    """A clip taken apart by a network's reasons, and what each network makes of the parts."""
    wave, explanation = clip.wave(), clip.explanation(task, network, "lrp")
    is_over_time = rendering == "signal"
    return Listenable(
        name=f"{clip.row.clip}_{task}_{network}_{rendering}",
        clip=clip.row.clip,
        truth=truth,
        model=NETWORKS[network],
        method=f"{explanation.method}, {RENDERED[rendering]}",
        target=explanation.target,
        measure="probability",
        explanation=explanation.over_time() if is_over_time else time_frequency(explanation, wave),
        parts=parts_of(explanation, wave, rendering, network, models),
    )


def parts_of(
    explanation: Explanation,
    wave: Tensor,
    rendering: str,
    network: str,
    models: dict[str, AudioModel],
) -> dict[str, Part]:
    """The clip `(samples,)`, its audible part and the rest, with every network's probability."""
    split = listen.split_by_mask(wave, mask(explanation, wave, rendering), RATE)
    sounds = {"original": wave, **split.by_part()}
    target = models[network].class_index(explanation.target)
    waves = torch.stack(list(sounds.values()))
    given = {by: probabilities(model, waves)[:, target].tolist() for by, model in models.items()}
    parts = {}
    for index, (part, sound) in enumerate(sounds.items()):
        others = {NETWORKS[by]: numbers[index] for by, numbers in given.items() if by != network}
        parts[part] = Part(sound, given[network][index], others)
    return parts
