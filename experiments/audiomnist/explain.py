"""Relevance of every network for digit and for sex, on clips that no network was trained on."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import ClassVar

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.explain.explanation import Explanation
from earwitness.explain.lrp.spectral import in_time_frequency
from earwitness.explain.model import AudioModel
from earwitness.sound.audio import RATE
from reproduction import config, sweep
from reproduction.explainers import built_explainers
from reproduction.parallel import parallel_map
from reproduction.store import ExplainedClip, Store
from reproduction.training.trained import audio_model, clips

TASKS = ("digit", "sex")
NETWORKS = {"audionet": "AudioNet", "alexnet": "AlexNet", "gammatonenet": "GammatoneNet"}
"""What is explained, and what tables and figures call it."""
CONTROL = "energy"
"""The key of `Energy` in tables."""


def main(cfg: DictConfig) -> None:
    """Explain the chosen clips of every pair of studies and list them in `clips.csv`."""
    sweep.require_finished(cfg)
    torch.set_num_threads(cfg.threads)
    predicted = sweep.predictions(cfg)
    listed = pd.concat([write_clips(cfg, pair, predicted) for pair in cfg.explain.pairs])
    parallel_map(
        partial(explain_group, cfg), groups(cfg, store(cfg).clips(listed)), cfg.processes, "clips"
    )
    store(cfg).write_list(listed)


def folder(cfg: DictConfig) -> Path:
    """Folder of the explanations."""
    return config.paper_folder(cfg, "runs") / "explanations"


def store(cfg: DictConfig) -> Store:
    """The explained clips: rows with pair, clip, file, speaker, digit_fold and sex_fold."""
    return Store(folder(cfg), ("pair", "clip"), RATE)


def write_clips(cfg: DictConfig, pair: str, predicted: pd.DataFrame) -> pd.DataFrame:
    """Choose the clips of a pair of studies, store them as network inputs; return their rows."""
    corpus: Corpus = config.build(cfg.studies[cfg.explain.pairs[pair].digit].corpus)
    chosen = choose(cfg, pair, predicted).assign(pair=pair)
    placed = clips(corpus, chosen.file)
    for clip, (wave, regions) in zip(store(cfg).clips(chosen), placed, strict=True):
        clip.write_wave(wave)
        if len(regions):
            clip.write_evidence(regions)
    return chosen


def choose(cfg: DictConfig, pair: str, predicted: pd.DataFrame) -> pd.DataFrame:
    """Clips to explain, in the order of their files: file, speaker, clip, digit_fold, sex_fold.

    A clip comes with the folds in which its speaker was tested, so no model has heard the
    speaker; a sex study of another corpus has heard none of them, and its first fold serves.
    """
    studies = cfg.explain.pairs[pair]
    tested = {
        name: predicted[predicted.study == studies[name]]
        .drop_duplicates("file")  # every model was tested on the same folds
        .set_index("file")
        .rename(columns={"fold": f"{name}_fold"})
        for name in TASKS
    }
    clips = tested["digit"][["speaker", "digit_fold"]]
    if cfg.studies[studies.digit].corpus == cfg.studies[studies.sex].corpus:
        clips = clips.join(tested["sex"].sex_fold, how="inner")
    else:
        clips = clips.assign(sex_fold=cfg.studies[studies.sex].folds[0])
    count = min(cfg.explain.clips, len(clips))
    chosen = clips.sample(count, random_state=cfg.seed).sort_index().reset_index()
    return chosen.assign(clip=chosen.file.map(lambda file: Path(file).stem))


def evidence(clip: ExplainedClip, task: str) -> pd.DataFrame:
    """Regions planted for a task, in s of the placed clip; no rows for a real recording."""
    regions = clip.evidence()
    return regions[regions.label == task] if len(regions) else regions


@dataclass(frozen=True)
class Group:
    """Clips whose answers to a task come from one trained network.

    Attributes:
        task: digit or sex.
        job: `study/network/fold` of the training.
        clips: of speakers that this network was not trained on.
    """

    task: str
    job: str
    clips: list[ExplainedClip]

    @property
    def network(self) -> str:
        """Name of the network's configuration."""
        return self.job.split("/")[1]


def groups(cfg: DictConfig, clips: list[ExplainedClip]) -> list[Group]:
    """Clips by task and by the job whose network explains them."""
    by_job: dict[tuple[str, str], list[ExplainedClip]] = defaultdict(list)
    for clip, task_name, network in product(clips, TASKS, cfg.explain.explainers):
        study = cfg.explain.pairs[clip.row.pair][task_name]
        fold = getattr(clip.row, f"{task_name}_fold")
        by_job[task_name, f"{study}/{network}/{fold}"].append(clip)
    return [Group(*key, clips) for key, clips in by_job.items()]


def explain_group(cfg: DictConfig, group: Group) -> None:
    """Explain the answers of one network to the clips of a group, by each of its methods."""
    model = audio_model(cfg, group.job)
    explainers = built_explainers(cfg.explain.explainers[group.network])
    for method, explainer in explainers.items():
        for clip in group.clips:
            wave = clip.wave()
            explanation = explainer(model, wave, model.predicted_class(wave))
            clip.write_explanation(explanation, group.task, group.network, method)


def time_frequency(explanation: Explanation, wave: Tensor) -> Explanation:
    """An explanation of `(samples,)` over time and frequency; one over time alone by DFT-LRP."""
    if len(explanation.axes) > 1:
        return explanation
    return in_time_frequency(explanation, wave, RATE, n_fft=256, hop=64)


@dataclass(frozen=True)
class Energy:
    """The energy of the sound on the axes of the network's input: a control by loudness."""

    name: ClassVar[str] = "sound's energy (control)"

    def __call__(self, model: AudioModel, wave: Tensor, target: int) -> Explanation:
        """Values shaped like the network's input for a wave `(samples,)`, squared amplitudes."""
        with torch.inference_mode():
            energy = getattr(model.frontend, "power", torch.square)(wave[None])
            inputs = model.frontend(wave[None])
            probability = model.probabilities(model.network(inputs))[0, target]
        return Explanation(
            values=energy[0].clone(),
            axes=model.axes(inputs.shape[1:], len(wave)),
            target=model.classes[target],
            probability=float(probability),
            method=self.name,
            settings={},
            gap=None,
        )
