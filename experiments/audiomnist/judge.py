"""Is the relevance to be trusted: checks of explained clips, in `judged.csv`.

Each row is one clip, task, network and check with its value; `layer` is the last that has been
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
from itertools import product
from pathlib import Path

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor
from tqdm import tqdm

from earwitness import config
from earwitness.audio import RATE
from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.lrp.spectral import in_time_frequency
from earwitness.explain.model import AudioModel
from earwitness.files import atomic
from earwitness.frontends import DecibelSpectrogram
from earwitness.judge.completeness import relative_gap
from earwitness.judge.localisation import chance, region_mask, relevance_mass
from earwitness.judge.randomisation import ORIGINAL, likeness, randomised
from experiments.audiomnist.explain import TASKS, Explained, Networks, folder, read_explained

Row = dict[str, object]


def main(cfg: DictConfig) -> None:
    """Check the explanations of some clips of every pair, for both tasks and networks."""
    torch.set_num_threads(cfg.threads)
    explainer: Explainer = config.build(cfg.explain.explainer)
    networks = Networks(cfg)
    rows = []
    for (task, job), clips in tqdm(grouped(cfg).items(), "judging", disable=None):
        model = networks(job)
        subjects = [Subject.of(clip, task, job, model) for clip in clips]
        rows += [row for subject in subjects for row in subject.checks()]
        for layer, forgetful in randomised(model, cfg.seed):
            rows += [
                row for subject in subjects for row in subject.after(layer, forgetful, explainer)
            ]
    with atomic(path(cfg)) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


def path(cfg: DictConfig) -> Path:
    """Where the checks are kept."""
    return folder(cfg).parent / "judged.csv"


def grouped(cfg: DictConfig) -> dict[tuple[str, str], list[Explained]]:
    """The clips to judge, by task and the job whose network explained them."""
    found: dict[tuple[str, str], list[Explained]] = defaultdict(list)
    explained = read_explained(cfg)
    for pair, studies in cfg.explain.pairs.items():
        clips = [clip for clip in explained if clip.row.pair == pair]
        for clip, task, network in product(
            spread(clips, cfg.explain.judged), TASKS, cfg.explain.networks
        ):
            fold = getattr(clip.row, f"{task}_fold")
            found[task, f"{studies[task]}/{network}/{fold}"].append(clip)
    return found


def spread(clips: list[Explained], count: int) -> list[Explained]:
    """Up to `count` of clips, evenly over the list, which stands in the order of speakers."""
    count = min(count, len(clips))
    return [clips[index * len(clips) // count] for index in range(count)]


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
    def of(cls, clip: Explained, task: str, job: str, model: AudioModel) -> "Subject":
        """What there is to check of a clip that the network of `job` explained."""
        network = job.split("/")[1]
        found, wave = clip.explanation(task, network), clip.wave()
        row = {"pair": clip.row.pair, "clip": clip.row.clip, "speaker": clip.row.speaker}
        row |= {"task": task, "network": network, "method": found.method}
        loudness = replace(found, values=energy(model, wave))
        return cls(row, wave, found, loudness, clip.evidence(task))

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
    if isinstance(model.frontend, DecibelSpectrogram):
        return model.frontend.stft(wave[None])[0].abs().square()
    return wave.square()


if __name__ == "__main__":
    config.run_stage(main)
