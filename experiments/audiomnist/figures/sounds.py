"""The audible explanations of the shown clips, and what the networks make of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness import audio, listen
from earwitness.audio import RATE
from earwitness.explain.explanation import Explanation
from earwitness.files import atomic
from experiments.audiomnist.checks.fidelity import RENDERINGS, fold_models, mask, probabilities
from experiments.audiomnist.explain import EVIDENCE, TASKS, Explained


def write(cfg: DictConfig, shown: list[Explained], results: Path) -> None:
    """Write each clip, and of each answer what is heard and the rest, in both renderings.

    The files are `<clip>_original.wav` and `<clip>_<task>_<network>_<rendering>_<part>.wav`, the
    part `heard` or `rest`; `index.csv` has the probability that every network gives to the
    answer in each of them. Of recordings of others nothing is written.
    """
    shutil.rmtree(results, ignore_errors=True)
    ours = [clip for clip in shown if is_synthetic(clip)]
    rows = [row for clip in ours for row in make_audible(cfg, clip, results)]
    if rows:
        with atomic(results / "index.csv") as temporary:
            # Networks that answer alike are asked about the same original.
            index = pd.DataFrame(rows).drop_duplicates()
            index.to_csv(temporary, index=False, float_format="%.4f")


def is_synthetic(clip: Explained) -> bool:
    """Whether the project made the clip, with evidence planted, so that it may pass it on."""
    return (clip.place / EVIDENCE).is_file()


def make_audible(cfg: DictConfig, clip: Explained, results: Path) -> Iterator[dict[str, object]]:
    """Write the sounds of a clip; yield what each network of the fold makes of each."""
    for task in TASKS:
        study = cfg.explain.pairs[clip.row.pair][task]
        models = fold_models(cfg, study, getattr(clip.row, f"{task}_fold"))
        for network, model in models.items():
            explanation = clip.explanation(task, network)
            sounds = taken_apart(clip, f"{task}_{network}", explanation)
            for name, sound in sounds.items():
                audio.write(results / f"{name}.wav", sound)
            target = model.target(explanation.target)
            waves = torch.stack(list(sounds.values()))
            heard = {by: probabilities(listener, waves) for by, listener in models.items()}
            for index, name in enumerate(sounds):
                given = {f"p_{by}": float(found[index, target]) for by, found in heard.items()}
                yield {"sound": f"{name}.wav", "class": explanation.target, **given}


def taken_apart(clip: Explained, of: str, explanation: Explanation) -> dict[str, Tensor]:
    """The clip and its parts by every rendering, by the names of their files."""
    wave = clip.wave()
    sounds = {f"{clip.row.clip}_original": wave}
    for rendering in RENDERINGS:
        parts = listen.apart(wave, mask(explanation, wave, rendering), RATE)
        for part, sound in parts._asdict().items():
            sounds[f"{clip.row.clip}_{of}_{rendering}_{part}"] = sound
    return sounds
