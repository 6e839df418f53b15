"""Which samples does the waveform network need: some set to zero, in `sample_manipulation.csv`.

Becker et al. set to zero the samples that relevance, amplitude or chance choose, and see how
accuracy falls. Each row is one clip, method, draw and percentage of its 8000 samples: `correct` by
the label, `agrees` with the answer to the whole clip, `probability` of the label.

- What is manipulated is the network's input, and it is not normalised again.
- What is explained is the answer to the whole clip, right or wrong.
- All choose among the samples that are not zero. A draw puts equal values in order, the same one
  for every method; `random` is nothing but this draw, and has several.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.attribution import frozen
from earwitness.explain.explainers import Explainer
from earwitness.explain.model import AudioModel
from earwitness.judge.deletion import delete_in_order, deletion_order
from earwitness.models.inference import outputs_in_batches
from earwitness.randomness import generator
from experiments.audiomnist.tested import Tested, tested
from reproduction.explainers import built_explainers, method_names
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.training.trained import audio_model

CHECK = "sample_manipulation"
CONTROLS = {"random": "a random draw", "amplitude": "amplitude"}
"""Orders that know nothing of the network, and their display names."""
DRAWS = 3
"""Orders of `random`, of which the mean counts."""
BATCH = 10
"""Inputs that the network is given at once; more do not stay in the processor's cache."""


class Order(NamedTuple):
    """Positions of samples in the order in which a method sets them to zero."""

    method: str
    draw: int
    first: Tensor


def main(cfg: DictConfig) -> None:
    """Manipulate some test clips of every study."""
    torch.set_num_threads(cfg.threads)
    settings = cfg.sample_manipulation
    parts = list(tested(cfg, [settings.network], settings.clips))
    tables = parallel_map(partial(check, cfg), parts, cfg.processes, "sample manipulation")
    checks.write(cfg, CHECK, pd.concat(tables))


def check(cfg: DictConfig, part: Tested) -> pd.DataFrame:
    """Manipulate the clips of one study and fold."""
    settings = cfg.sample_manipulation
    model = audio_model(cfg, part.job)
    explainers = built_explainers(settings.explainers)
    tables = []
    for row, wave in zip(part.rows.itertuples(), part.waves, strict=True):
        subject = Subject(model, wave, (cfg.seed, crc32(row.file.encode())))
        answers = subject.manipulated(subject.orders(explainers), settings.percent, row.label)
        names = {"study": part.study, "fold": part.fold, "speaker": row.speaker, "file": row.file}
        tables.append(pd.DataFrame([names] * len(answers)).join(answers))
    return pd.concat(tables)


@dataclass(frozen=True)
class Subject:
    """One clip and the network that answers it.

    Attributes:
        model: the waveform network.
        wave: the clip, `(8000,)`.
        seeds: of its draws.
    """

    model: AudioModel
    wave: Tensor
    seeds: tuple[int, ...]

    @cached_property
    def inputs(self) -> Tensor:
        """The network's input for the clip, `(8000,)`, normalised amplitudes."""
        return self.model.frontend(self.wave[None])[0, 0]

    @cached_property
    def answer(self) -> int:
        """The network's answer to the whole clip."""
        return self.model.predicted_class(self.wave)

    def orders(self, explainers: Mapping[str, Explainer]) -> Iterator[Order]:
        """Every order in which samples are set to zero: the controls' and each explainer's."""
        for draw in range(DRAWS):
            yield self._order("random", torch.zeros_like(self.inputs), draw)
        yield self._order("amplitude", self.inputs.abs())
        for name, explain in explainers.items():
            yield self._order(name, explain(self.model, self.wave, self.answer).values)

    def _order(self, method: str, values: Tensor, draw: int = 0) -> Order:
        random = generator(*self.seeds, draw)
        return Order(method, draw, deletion_order(values, self.inputs, random))

    def manipulated(
        self, orders: Iterable[Order], percent: Sequence[float], label: int
    ) -> pd.DataFrame:
        """The answers with `percent` of the samples set to zero in each of the orders."""
        kinds, inputs = [], []
        for method, draw, first in orders:
            kinds += [(method, draw, amount) for amount in percent]
            inputs.append(delete_in_order(self.inputs, first, percent))
        probabilities = self._asked(torch.cat(inputs))
        answers = probabilities.argmax(dim=1).numpy()
        return pd.DataFrame(kinds, columns=["method", "draw", "percent"]).assign(
            correct=(answers == label).astype(int),
            agrees=(answers == self.answer).astype(int),
            probability=probabilities[:, label].numpy(),
        )

    def _asked(self, inputs: Tensor) -> Tensor:
        """Probabilities `(n, classes)` of `inputs` `(n, 8000)`, each distinct one evaluated once.

        Nothing and everything set to zero are the same in any order.
        """
        distinct, which = inputs.unique(dim=0, return_inverse=True)
        with frozen(self.model):
            outputs = outputs_in_batches(self.model.network, distinct[:, None], BATCH)
        return self.model.probabilities(outputs)[which]


def method_labels(cfg: DictConfig) -> dict[str, str]:
    """Display names of what chooses samples, by their keys, the paper's controls first."""
    return CONTROLS | method_names(cfg.sample_manipulation.explainers)


def accuracy(cfg: DictConfig) -> pd.DataFrame:
    """Whether a clip was answered right, in [0, 1]: the mean over draws.

    One row a study, method, speaker and file; one column a percentage, and a last one for the
    mean over all of them but 100 (the area below the curve), called `0-10`.
    """
    table = checks.read(cfg, CHECK)
    kinds = ["study", "method", "speaker", "file", "percent"]
    accuracies = table.groupby(kinds).correct.mean().unstack()
    some = accuracies.drop(columns=100)
    least, *_, most = percent = some.columns.to_numpy()
    return accuracies.assign(
        **{f"{least:g}-{most:g}": np.trapezoid(some, percent) / (most - least)}
    )
