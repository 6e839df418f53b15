"""What speaks for "abnormal" in the shown clips, as sound."""

from collections.abc import Iterator
from pathlib import Path

from omegaconf import DictConfig

from earwitness.present import listen
from experiments.heart.explain import (
    ABNORMAL,
    COMBINED,
    RATE,
    hearing,
    network,
    states_of,
)
from experiments.heart.figures import names
from experiments.heart.tables.classification import MODELS, model_name
from reproduction.results import listening
from reproduction.results.listening import Listenable, Part
from reproduction.store import ExplainedClip

METHODS = ("gradient_shap", COMBINED)


def write(cfg: DictConfig, shown: list[ExplainedClip], results: Path) -> None:
    """Write each clip, its audible part, whose volume an explanation sets, and the rest.

    Each sound comes with the probability of "abnormal" that the network gives to it, and is also
    written raised where `cfg.figures.octaves` is above 0. Nothing is written of recordings of
    others, nor of a method that finds nothing in a clip that speaks for "abnormal".
    """
    ours = [clip for clip in shown if clip.has_evidence]
    entries = (entry for clip in ours for entry in of_clip(cfg, clip))
    listening.write(results, entries, RATE, cfg.figures.octaves)


def of_clip(cfg: DictConfig, clip: ExplainedClip) -> Iterator[Listenable]:
    """The explanations of a clip that leave something to hear, and what its network makes of it."""
    trained = network(cfg, f"{cfg.explain.study}/{cfg.explain.model}/{clip.row.fold}")
    model = hearing(trained, states_of(clip))
    wave = clip.wave()
    labels = names.methods(cfg.explain.explainers, cfg.explain.combined)
    for method in METHODS:
        explanation = clip.explanation(method)
        split = listen.split_by_relevance(explanation, wave, RATE)
        if split.relevant.any():
            sounds = {"original": wave, **split.by_part()}
            yield Listenable(
                name=f"{clip.row.clip}_{method}",
                clip=clip.row.clip,
                truth=f"truly {clip.row.diagnosis}",
                model=model_name(*MODELS[cfg.explain.model]),
                method=labels[method],
                target=ABNORMAL,
                measure="probability",
                explanation=explanation,
                parts={
                    part: Part(sound, model.probability(sound, ABNORMAL))
                    for part, sound in sounds.items()
                },
            )
