"""A listening test without people: do networks recognise the class in the audible explanation.

Each row of `fidelity.csv` is a test clip, the network whose answer is explained, a method, a
rendering and a listener: the network itself, or another network of the same fold, which was trained
independently and without the speaker. `p`, `heard` and `rest` are the probabilities that the
listener gives to the explained answer for the clip, for its audible part and for the rest;
`same_answer` says whether its answer to the audible part is that to the clip, `same_class` whether
it is the explained answer.

Two controls do not depend on the network: `energy`, which passes the loudest parts, and `moved`,
LRP's mask at another place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.attribution import frozen
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel
from earwitness.judge.sparseness import complexity, sparseness
from earwitness.models.inference import outputs_in_batches
from earwitness.present import listen
from earwitness.present.listen import SplitSound
from earwitness.randomness import generator
from earwitness.sound.audio import RATE
from experiments.audiomnist.explain import CONTROL, Energy, time_frequency
from experiments.audiomnist.tested import Tested, tested
from reproduction.explainers import built_explainers
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.training.trained import audio_model

CHECK = "fidelity"
Row = dict[str, object]
METHODS = ("lrp", "lrp_alpha2_beta1")
RENDERINGS = ("signal", "spectrogram")


def main(cfg: DictConfig) -> None:
    """Explain test clips of every study by every network, and let all networks listen."""
    torch.set_num_threads(cfg.threads)
    # One network stands for all: they were tested on the same clips.
    folds = list(tested(cfg, list(cfg.explain.explainers)[:1], cfg.fidelity.clips))
    rows = parallel_map(partial(listening_test, cfg), folds, cfg.processes, "fidelity")
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


@dataclass(frozen=True)
class Part:
    """One way of taking a clip apart.

    Attributes:
        row: network, method, rendering, and sparseness and complexity of the mask.
        answer: what the network answered, the number of the class.
        sound: what spoke for it, and the rest.
    """

    row: Row
    answer: int
    sound: SplitSound


def listening_test(cfg: DictConfig, clips: Tested) -> list[Row]:
    """The answers of all networks of a fold to the audible explanations of each of them."""
    models = fold_models(cfg, clips.study, clips.fold)
    rows: list[Row] = []
    records = clips.rows[["speaker", "file"]].to_dict("records")
    for index, (record, wave) in enumerate(zip(records, clips.waves, strict=True)):
        random = generator(cfg.seed, index)
        parts = [part for name in models for part in parts_of(cfg, models, name, wave, random)]
        of_clip = {"study": clips.study, "fold": clips.fold} | record
        for listener, model in models.items():
            rows += [of_clip | row for row in answers(model, listener, wave, parts)]
    return rows


def fold_models(cfg: DictConfig, study: str, fold: str | int) -> dict[str, AudioModel]:
    """All networks that are explained, as one fold of a study trained them."""
    return {
        network: audio_model(cfg, f"{study}/{network}/{fold}") for network in cfg.explain.explainers
    }


def parts_of(
    cfg: DictConfig,
    models: dict[str, AudioModel],
    network: str,
    wave: Tensor,
    random: torch.Generator,
) -> Iterator[Part]:
    """A clip `(8000,)` taken apart by a network's reasons and both controls, in every rendering."""
    model = models[network]
    answer = model.predicted_class(wave)
    by = {**built_explainers(cfg.explain.explainers[network]), CONTROL: Energy()}
    explanations = {method: by[method](model, wave, answer) for method in (*METHODS, CONTROL)}
    for rendering in RENDERINGS:
        masks = {method: mask(values, wave, rendering) for method, values in explanations.items()}
        masks["moved"] = moved(masks["lrp"], wave, random)
        for method, volumes in masks.items():
            row: Row = {"network": network, "method": method, "rendering": rendering}
            row |= {"sparseness": sparseness(volumes), "complexity": complexity(volumes)}
            yield Part(row, answer, listen.split_by_mask(wave, volumes, RATE))


def mask(explanation: Explanation, wave: Tensor, rendering: str) -> Tensor:
    """Volumes in [0, 1], as `earwitness.present.listen.split_by_mask` takes them.

    Of samples, `(samples,)`, for the `signal` (heat map times signal), or of the short-time
    `spectrogram`, `(frequencies, frames)`.
    """
    if rendering == "signal":
        return listen.heatmap_gain(explanation, wave, RATE)
    return listen.relevance_gain(time_frequency(explanation, wave), wave, RATE)


def moved(volumes: Tensor, wave: Tensor, random: torch.Generator) -> Tensor:
    """The same volumes at another time and at other frequencies.

    Each axis is rotated by a quarter to three quarters of its length, which keeps how the values
    are distributed and which of them are neighbours, but not where they lie. Silence around the
    sound stays: a mask moved there would let nothing through.

    Args:
        volumes: in [0, 1], `(samples,)` or `(frequencies, frames)`, see `mask`.
        wave: `(samples,)`, amplitudes in [-1, 1].
        random: draws the rotation of each axis.
    """
    sounding = wave.nonzero()[:, 0]
    places = torch.linspace(0, len(wave), volumes.shape[-1])
    inside = (places >= sounding.min()) & (places <= sounding.max())
    part = volumes[..., inside]
    for axis, length in enumerate(part.shape):
        turn = 0.25 + 0.5 * float(torch.rand((), generator=random))
        part = part.roll(int(turn * length), axis)
    return volumes.masked_scatter(inside, part)


def answers(model: AudioModel, listener: str, wave: Tensor, parts: list[Part]) -> Iterator[Row]:
    """A listener's answers to a clip `(samples,)`, to its audible parts and to the rests."""
    sounds = [wave, *(part.sound.relevant for part in parts), *(part.sound.rest for part in parts)]
    given = probabilities(model, torch.stack(sounds))
    original, heard, rest = given[0], *given[1:].chunk(2)
    for part, of_heard, of_rest in zip(parts, heard, rest, strict=True):
        best = int(of_heard.argmax())
        yield part.row | {
            "listener": listener,
            "itself": listener == part.row["network"],
            "p": float(original[part.answer]),
            "heard": float(of_heard[part.answer]),
            "rest": float(of_rest[part.answer]),
            "same_answer": best == int(original.argmax()),
            "same_class": best == part.answer,
        }


def probabilities(model: AudioModel, waves: Tensor, batch_size: int = 16) -> Tensor:
    """Probability of each class for waves `(batch, samples)`."""
    with frozen(model):
        return model.probabilities(outputs_in_batches(model, waves, batch_size))
