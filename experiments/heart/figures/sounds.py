"""What speaks for "abnormal" in the shown clips, as sound."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness import audio, listen
from earwitness.files import atomic
from experiments.heart.explain import (
    ABNORMAL,
    COMBINED,
    EVIDENCE,
    RATE,
    Explained,
    hearing,
    network,
)

METHODS = ("gradient_shap", COMBINED)


def write(cfg: DictConfig, shown: list[Explained], results: Path) -> None:
    """Write each clip, what is heard of it when explanations turn the volume, and the rest.

    The files are `<clip>_original.wav` and `<clip>_<method>_<part>.wav`, the part `heard` or
    `rest`, and each again as `_raised.wav` where `cfg.listen.octaves` is above 0; `index.csv` has
    the probability of "abnormal" that the network gives to each. Nothing is written of recordings
    of others, nor of a method that finds nothing in a clip that speaks for "abnormal".
    """
    shutil.rmtree(results, ignore_errors=True)
    ours = [clip for clip in shown if (clip.place / EVIDENCE).is_file()]
    rows = [row for clip in ours for row in make_audible(cfg, clip, results)]
    if rows:
        with atomic(results / "index.csv") as temporary:
            pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.4f")


def make_audible(cfg: DictConfig, clip: Explained, results: Path) -> Iterator[dict[str, object]]:
    """Write the sounds of a clip; yield what its network makes of each."""
    trained = network(cfg, f"{cfg.explain.study}/{cfg.explain.model}/{clip.row.fold}")
    model = hearing(trained, clip.track())
    for name, sound in taken_apart(clip).items():
        audio.write(results / f"{name}.wav", sound, RATE)
        if cfg.listen.octaves:
            raised = listen.raised(sound, RATE, cfg.listen.octaves)
            audio.write(results / f"{name}_raised.wav", raised, audio.RATE)
        told = {"sound": f"{name}.wav", "diagnosis": clip.row.diagnosis}
        yield told | {"p_abnormal": model.probability(sound, ABNORMAL)}


def taken_apart(clip: Explained) -> dict[str, Tensor]:
    """The clip, and its parts by every method that leaves something to hear, by their names."""
    wave = clip.wave()
    sounds = {f"{clip.row.clip}_original": wave}
    for method in METHODS:
        parts = listen.to(clip.explanation(method), wave, RATE)
        if parts.heard.any():
            for part, sound in parts._asdict().items():
                sounds[f"{clip.row.clip}_{method}_{part}"] = sound
    return sounds
