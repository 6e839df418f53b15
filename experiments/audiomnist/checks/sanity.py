"""Is the relevance to be trusted: checks of explained clips, in `sanity.csv`.

Each row is one clip, task, network, method and check with its value; `layer` is the last that has
been randomised, from the output down (`original`: none).

- `evidence`: share of positive relevance inside the planted regions (synthesised speech only),
  `over` time and frequency (a waveform's by DFT-LRP) or time alone; beside it that of all cells
  (`chance`);
- `likeness`: rank correlation of magnitudes with the relevance of the trained network;
- `gap`: share of the explained output that the relevance leaves out.

The method `energy` is the control: the loudness of the sound, which does not depend on the network.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel
from earwitness.judge.agreement import rank_correlation
from earwitness.judge.completeness import relative_gap
from earwitness.judge.localisation import chance_level, region_mask, relevance_mass
from earwitness.judge.randomisation import ORIGINAL, cascading_randomisation
from experiments.audiomnist.explain import (
    CONTROL,
    Energy,
    Group,
    evidence,
    groups,
    store,
    time_frequency,
)
from reproduction.explainers import built_explainers
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.store import ExplainedClip
from reproduction.training.trained import audio_model

CHECK = "sanity"
Row = dict[str, object]


def main(cfg: DictConfig) -> None:
    """Check the explanations of some clips of every pair: each task, network and method."""
    torch.set_num_threads(cfg.threads)
    of_pairs = defaultdict(list)
    for clip in store(cfg).read():
        of_pairs[clip.row.pair].append(clip)
    chosen = [clip for clips in of_pairs.values() for clip in spread(clips, cfg.sanity.clips)]
    rows = parallel_map(partial(check, cfg), groups(cfg, chosen), cfg.processes, "sanity")
    checks.write(cfg, CHECK, pd.DataFrame(chain.from_iterable(rows)))


def spread(clips: list[ExplainedClip], count: int) -> list[ExplainedClip]:
    """Up to `count` of clips, evenly over the list, which stands in the order of speakers."""
    count = min(count, len(clips))
    return [clips[index * len(clips) // count] for index in range(count)]


def check(cfg: DictConfig, group: Group) -> list[Row]:
    """Check every method on the clips of a group, before and while its network is randomised."""
    model = audio_model(cfg, group.job)
    methods = {**built_explainers(cfg.explain.explainers[group.network]), CONTROL: Energy()}
    subjects = [
        Subject.of(clip, group, method, model, explainer)
        for method, explainer in methods.items()
        for clip in group.clips
    ]
    rows = [row for subject in subjects for row in subject.checks()]
    for layer, randomised_model in cascading_randomisation(model, cfg.seed):
        rows += [subject.alike(layer, randomised_model) for subject in subjects]
    rows += [row for subject in subjects for row in subject.forgotten(layer, randomised_model)]
    return rows


@dataclass(frozen=True)
class Subject:
    """One clip's explanation and what it is checked with.

    Attributes:
        row: what its rows have in common: pair, clip, speaker, task, network, method.
        wave: the clip, `(8000,)`.
        explanation: of the network's answer.
        regions: where the evidence was planted; none in real recordings.
        explainer: what explained it.
    """

    row: dict[str, str]
    wave: Tensor
    explanation: Explanation
    regions: pd.DataFrame
    explainer: Explainer

    @classmethod
    def of(
        cls, clip: ExplainedClip, group: Group, method: str, model: AudioModel, explainer: Explainer
    ) -> "Subject":
        """What there is to check of a clip of a group, explained by `method`."""
        wave = clip.wave()
        if method == CONTROL:
            relevance = explainer(model, wave, model.predicted_class(wave))
        else:
            relevance = clip.explanation(group.task, group.network, method)
        row = {"pair": clip.row.pair, "clip": clip.row.clip, "speaker": clip.row.speaker}
        row |= {"task": group.task, "network": group.network, "method": method}
        return cls(row, wave, relevance, evidence(clip, group.task), explainer)

    def checks(self) -> Iterator[Row]:
        """The checks that need this explanation alone."""
        if self.explanation.gap is not None:
            yield self._row("gap", relative_gap(self.explanation))
        yield from self._located(self.explanation, ORIGINAL)
        for over, explanation in self._planes(self.explanation):
            inside = region_mask(explanation.axes, self.regions)
            yield self._row("chance", chance_level(inside), over=over)

    def alike(self, layer: str, randomised_model: AudioModel) -> Row:
        """How much is left of the explanation after `layer` and those above it are randomised."""
        relevance = self._explained(randomised_model).values
        return self._row("likeness", magnitudes_alike(relevance, self.explanation.values), layer)

    def forgotten(self, layer: str, randomised_model: AudioModel) -> Iterator[Row]:
        """Where the explanation lies once all layers are randomised, `layer` the last."""
        yield from self._located(self._explained(randomised_model), layer)

    def _explained(self, randomised_model: AudioModel) -> Explanation:
        target = randomised_model.class_index(self.explanation.target)
        return self.explainer(randomised_model, self.wave, target)

    def _located(self, relevance: Explanation, layer: str) -> Iterator[Row]:
        """Shares inside the regions, in time-frequency and in time."""
        for over, explanation in self._planes(relevance):
            inside = region_mask(explanation.axes, self.regions)
            yield self._row("evidence", relevance_mass(explanation.values, inside), layer, over)

    def _planes(self, relevance: Explanation) -> Iterator[tuple[str, Explanation]]:
        """An explanation on both planes that regions can be seen in; neither without regions."""
        if len(self.regions):
            yield "time-frequency", time_frequency(relevance, self.wave)
            yield "time", relevance.over_time()

    def _row(self, check: str, value: float, layer: str = ORIGINAL, over: str = "") -> Row:
        return self.row | {"layer": layer, "check": check, "over": over, "value": value}


def magnitudes_alike(values: Tensor, original: Tensor) -> float:
    """Rank correlation, in [-1, 1], of the magnitudes of two explanations, where either has any.

    Both are `(samples,)` or `(frequencies, frames)`, in any unit. Silence around a word has no
    relevance for any network and would count as agreement.
    """
    somewhere = (values != 0) | (original != 0)
    return rank_correlation(values[somewhere].abs(), original[somewhere].abs())
