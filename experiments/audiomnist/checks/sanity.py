"""Is the relevance to be trusted: checks of explained clips, in `sanity.csv`.

Each row is one clip, task, network, method and check with its value; `layer` is the last that has been
randomised, from the output down (`original`: none).

- `evidence`: share of positive relevance inside the planted regions (synthesised speech only),
  `over` time and frequency (a waveform's by DFT-LRP) or time alone; beside it that of cells
  (`evidence_by_chance`) and of the sound's energy (`evidence_by_energy`);
- `likeness`: rank correlation of magnitudes with the relevance of the trained network;
  beside it that of the sound's energy, a control that cannot pass (`likeness_of_control`);
- `gap`: share of the explained output that the relevance leaves out.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness import config
from earwitness.audio import RATE
from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.lrp.spectral import in_time_frequency
from earwitness.explain.model import AudioModel
from earwitness.files import atomic
from earwitness.judge.completeness import relative_gap
from earwitness.judge.localisation import chance, region_mask, relevance_mass
from earwitness.judge.randomisation import ORIGINAL, likeness, randomised
from earwitness.parallel import each
from experiments.audiomnist.explain import (
    Explained,
    Group,
    audio_model,
    explainers,
    groups,
    read_explained,
)

Row = dict[str, object]


def main(cfg: DictConfig) -> None:
    """Check the explanations of some clips of every pair: each task, network and method."""
    torch.set_num_threads(cfg.threads)
    of_pairs = defaultdict(list)
    for clip in read_explained(cfg):
        of_pairs[clip.row.pair].append(clip)
    chosen = [clip for clips in of_pairs.values() for clip in spread(clips, cfg.sanity.clips)]
    found = each(partial(check, cfg), groups(cfg, chosen), cfg.processes, "sanity")
    with atomic(path(cfg)) as temporary:
        pd.DataFrame(chain.from_iterable(found)).to_csv(temporary, index=False)


def path(cfg: DictConfig) -> Path:
    """Where the checks are kept."""
    return config.paper_folder(cfg, "runs") / "sanity.csv"


def spread(clips: list[Explained], count: int) -> list[Explained]:
    """Up to `count` of clips, evenly over the list, which stands in the order of speakers."""
    count = min(count, len(clips))
    return [clips[index * len(clips) // count] for index in range(count)]


def check(cfg: DictConfig, group: Group) -> list[Row]:
    """Check every method on the clips of a group, before and while its network forgets."""
    model = audio_model(cfg, group.job)
    methods = dict(explainers(cfg, group.network))
    subjects = [
        (explainer, Subject.of(clip, group, method, model))
        for method, explainer in methods.items()
        for clip in group.clips
    ]
    rows = [row for _, subject in subjects for row in subject.checks()]
    for layer, forgetful in randomised(model, cfg.seed):
        rows += [row for by, subject in subjects for row in subject.after(layer, forgetful, by)]
    return rows


@dataclass(frozen=True)
class Subject:
    """One clip's explanation and what it is checked with.

    Attributes:
        row: what its rows have in common: pair, clip, speaker, task, network, method.
        wave: the clip, `(8000,)`.
        explanation: relevance for the network's answer.
        energy: of the clip, on the explanation's axes: an explanation by loudness.
        regions: where the evidence was planted; none in real recordings.
    """

    row: dict[str, str]
    wave: Tensor
    explanation: Explanation
    energy: Explanation
    regions: pd.DataFrame

    @classmethod
    def of(cls, clip: Explained, group: Group, method: str, model: AudioModel) -> "Subject":
        """What there is to check of a clip of a group, explained by `method`."""
        found, wave = clip.explanation(group.task, group.network, method), clip.wave()
        row = {"pair": clip.row.pair, "clip": clip.row.clip, "speaker": clip.row.speaker}
        row |= {"task": group.task, "network": group.network, "method": method}
        loudness = replace(found, values=energy(model, wave))
        return cls(row, wave, found, loudness, clip.evidence(group.task))

    def checks(self) -> Iterator[Row]:
        """What can be said of the explanation by itself."""
        yield self._said("gap", relative_gap(self.explanation))
        yield from self._located("evidence", self.explanation)
        yield from self._located("evidence_by_energy", self.energy)
        for over, explanation in self._planes(self.explanation):
            inside = region_mask(explanation.axes, self.regions)
            yield self._said("evidence_by_chance", chance(inside), over=over)

    def after(self, layer: str, forgetful: AudioModel, explainer: Explainer) -> Iterator[Row]:
        """What can be said after `layer` and those above it have been randomised."""
        target = forgetful.target(self.explanation.target)
        found = explainer(forgetful, self.wave, target)
        alike = magnitudes_alike(found.values, self.explanation.values)
        yield self._said("likeness", alike, layer)
        control = magnitudes_alike(energy(forgetful, self.wave), self.energy.values)
        yield self._said("likeness_of_control", control, layer)
        yield from self._located("evidence", found, layer)

    def _located(self, check: str, found: Explanation, layer: str = ORIGINAL) -> Iterator[Row]:
        """Shares inside the regions, in time-frequency and in time."""
        for over, explanation in self._planes(found):
            inside = region_mask(explanation.axes, self.regions)
            yield self._said(check, relevance_mass(explanation.values, inside), layer, over)

    def _planes(self, found: Explanation) -> Iterator[tuple[str, Explanation]]:
        """An explanation on both planes that regions can be seen in; neither without regions."""
        if len(self.regions):
            yield "time-frequency", time_frequency(found, self.wave)
            yield "time", found.over_time()

    def _said(self, check: str, value: float, layer: str = ORIGINAL, over: str = "") -> Row:
        return self.row | {"layer": layer, "check": check, "over": over, "value": value}


def time_frequency(explanation: Explanation, wave: Tensor) -> Explanation:
    """An explanation over time and frequency; one over time alone by DFT-LRP."""
    if len(explanation.axes) > 1:
        return explanation
    return in_time_frequency(explanation, wave, RATE, n_fft=256, hop=64)


def magnitudes_alike(values: Tensor, original: Tensor) -> float:
    """Rank correlation of the magnitudes of two explanations of one clip, where either has any.

    Silence around a word has no relevance whatever the network; it would pass for agreement.
    """
    somewhere = (values != 0) | (original != 0)
    _, absolute = likeness(values[somewhere][None], original[somewhere][None])
    return absolute


def energy(model: AudioModel, wave: Tensor) -> Tensor:
    """Energy of `(samples,)` on the axes of the network's input: an explanation by loudness."""
    power = getattr(model.frontend, "power", torch.square)
    return power(wave[None])[0]


if __name__ == "__main__":
    config.run_stage(main)
