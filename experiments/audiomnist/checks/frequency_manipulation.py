"""Do networks tell the sex by pitch: answers once the frequency axis is scaled.

Becker et al. scale the axis of AlexNet's spectrograms, men's up and women's down, to where the
other sex has its harmonics. Each row of `frequency_manipulation.csv` is one clip and condition;
beside `original` and `crossed`, which is the paper's, stand controls: the same factor for both
sexes (`both_up`, `both_down`), the factors the other way round (`apart`), and `there_and_back`,
where only what interpolation and the end of the axis take away is missing.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.labels import SEXES
from earwitness.explain.attribution import frozen
from earwitness.explain.model import AudioModel
from earwitness.judge.stretch import stretch_frequencies
from earwitness.models.inference import outputs_in_batches
from experiments.audiomnist.tested import Tested, tested
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.training.trained import audio_model

CHECK = "frequency_manipulation"
BATCH = 50
Factors = tuple[float, ...]
"""By what a frequency axis is scaled, one after the other."""
Row = dict[str, object]


def main(cfg: DictConfig) -> None:
    """Evaluate every network of the sex studies on all of its test clips, under each condition."""
    torch.set_num_threads(cfg.threads)
    studies = tested(cfg, list(cfg.frequency_manipulation.networks), None)
    items = [item for item in studies if cfg.studies[item.study].label == "sex"]
    rows = parallel_map(partial(check, cfg), items, cfg.processes, "frequency manipulation")
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def conditions(cfg: DictConfig) -> dict[str, dict[str, Factors]]:
    """Factors of the frequency axis for the clips of each sex, by condition."""
    factors = cfg.frequency_manipulation.factors
    up, down = factors.male, factors.female
    return {
        "original": {"male": (), "female": ()},
        "there_and_back": {"male": (up, 1 / up), "female": (down, 1 / down)},
        "crossed": {"male": (up,), "female": (down,)},
        "both_up": {"male": (up,), "female": (up,)},
        "both_down": {"male": (down,), "female": (down,)},
        "apart": {"male": (down,), "female": (up,)},
    }


def check(cfg: DictConfig, item: Tested) -> list[Row]:
    """Answers of one network to all of its clips."""
    model = audio_model(cfg, item.job)
    return [row for sex in SEXES for row in of_sex(cfg, item, model, sex)]


def of_sex(cfg: DictConfig, item: Tested, model: AudioModel, sex: str) -> Iterator[Row]:
    """Answers to the clips of one sex; each scaling is evaluated once."""
    done = {name: way[sex] for name, way in conditions(cfg).items()}
    clips = item.rows[item.rows.label == SEXES.index(sex)]
    waves = item.waves[clips.index.tolist()]
    p_female = {way: answers(model, waves, way) for way in set(done.values())}
    for condition, way in done.items():
        for clip, p in zip(clips.itertuples(), p_female[way], strict=True):
            yield {
                "study": item.study,
                "network": item.network,
                "fold": item.fold,
                "speaker": clip.speaker,
                "file": clip.file,
                "sex": sex,
                "condition": condition,
                "correct": int((p > 0.5) == (sex == "female")),
                "p_female": p,
            }


def answers(model: AudioModel, waves: Tensor, factors: Factors) -> list[float]:
    """Probability of a female voice for each of `(clips, samples)`, once its axis is scaled."""
    with frozen(model):
        outputs = outputs_in_batches(
            lambda batch: model.network(scaled_input(model, batch, factors)), waves, BATCH
        )
        p: list[float] = model.probabilities(outputs)[:, SEXES.index("female")].tolist()
    return p


def scaled_input(model: AudioModel, waves: Tensor, factors: Factors) -> Tensor:
    """Input of the network for `(clips, samples)`, its frequency axis scaled by each factor."""
    frontend: Any = model.frontend
    frequencies = frontend.frequencies(model.rate)
    inputs: Tensor = frontend(waves)
    for factor in factors:
        inputs = stretch_frequencies(inputs, frequencies, factor, frontend.silence)
    return inputs
