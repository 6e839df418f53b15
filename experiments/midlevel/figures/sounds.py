"""Explanations that can be listened to: what of a song raised a rating, and the rest."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import DictConfig
from torch import Tensor

from earwitness import audio, listen
from earwitness.corpora.synthetic_music import NAME as SYNTHETIC
from earwitness.corpora.synthetic_music import RATE, sources
from earwitness.explain.explanation import Explanation
from earwitness.files import atomic
from experiments.midlevel.explain import Explained, corpus_of, models_of, waves_of


def write(cfg: DictConfig, shown: list[tuple[Explained, str]], results: Path) -> None:
    """Write the sounds of the first shown songs as `results/*.wav`, and list them in `index.csv`.

    The files are `<song>_original.wav` and `<song>_<emotion>_<model>_<by>_<part>.wav`, the part
    `heard` (what raised the rating) or `rest`; the index has the rating that the network gives to
    each. Of recordings of others nothing is written.
    """
    shutil.rmtree(results, ignore_errors=True)
    corpus = corpus_of(cfg)
    if corpus.name != SYNTHETIC:
        return
    rows: list[dict[str, Any]] = []
    chosen = shown[: cfg.listen.songs]
    waves = waves_of(corpus, [song for song, _ in chosen])
    for (song, emotion), wave in zip(chosen, waves, strict=True):
        stems, _ = sources(corpus, song.row.file)
        rows += made_audible(cfg, song, emotion, wave, stems, results)
    with atomic(results / "index.csv") as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.4f")


def made_audible(
    cfg: DictConfig, song: Explained, emotion: str, wave: Tensor, stems: Tensor, results: Path
) -> Iterator[dict[str, Any]]:
    """Write the sounds of a song; yield what the networks make of each."""
    name = Path(song.row.file).stem
    audio.write(results / f"{name}_original.wav", wave, RATE)
    for model, network in models_of(cfg, song.row.fold).items():
        told = {"emotion": emotion, "model": model}
        yield told | _rated(network, f"{name}_original", wave, emotion)
        for by in cfg.listen.by:
            for part, sound in heard(song.explanation(model, by, emotion), wave, stems).items():
                file = f"{name}_{emotion}_{model}_{by}_{part}"
                audio.write(results / f"{file}.wav", sound, RATE)
                yield told | _rated(network, file, sound, emotion)


def heard(explanation: Explanation, wave: Tensor, stems: Tensor) -> dict[str, Tensor]:
    """What raised a rating, and the rest; nothing where nothing did."""
    if explanation.axes[0].name == "source":
        values = explanation.over("source").values
        parts = {"heard": listen.mixed(stems, values), "rest": listen.mixed(stems, -values)}
    else:
        (axis,) = (axis.name for axis in explanation.axes if len(axis.values) > 1)
        parts = listen.to(explanation.over(axis), wave, RATE)._asdict()
    return parts if parts["heard"].any() else {}


def _rated(network: Any, file: str, sound: Tensor, emotion: str) -> dict[str, Any]:
    """A row of the index."""
    return {"sound": f"{file}.wav", "rating": network.probability(sound, emotion)}
