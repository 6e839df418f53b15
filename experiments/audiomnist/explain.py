"""Relevance of both networks for digit and for sex, on clips that no model was trained on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor
from tqdm import tqdm

from earwitness import audio, config, sweep
from earwitness.audio import RATE
from earwitness.corpora import synthetic_digits
from earwitness.corpora.corpus import Corpus, classes
from earwitness.errors import InputError
from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel, fit
from earwitness.files import atomic
from earwitness.training import NetworkLearner
from experiments.audiomnist.train import task

TASKS = ("digit", "sex")
NETWORKS = {"audionet": "AudioNet", "alexnet": "AlexNet"}
"""What is explained, and what tables and figures call it."""
EVIDENCE = "evidence.csv"


def main(cfg: DictConfig) -> None:
    """Explain the chosen clips of every pair of studies and list them in `clips.csv`."""
    sweep.finish(cfg)
    torch.set_num_threads(cfg.threads)
    predicted = sweep.predictions(cfg)
    listed = pd.concat([explain_pair(cfg, pair, predicted) for pair in cfg.explain.pairs])
    with atomic(folder(cfg) / "clips.csv") as temporary:
        listed.to_csv(temporary, index=False)


def folder(cfg: DictConfig) -> Path:
    """Where explanations are kept."""
    return config.paper_folder(cfg, "runs") / "explanations"


def explain_pair(cfg: DictConfig, pair: str, predicted: pd.DataFrame) -> pd.DataFrame:
    """Explain the clips of one pair and return them."""
    studies = cfg.explain.pairs[pair]
    corpus: Corpus = config.build(cfg.studies[studies.digit].corpus)
    chosen = choose(cfg, pair, predicted).assign(pair=pair)
    waves = corpus.waves(corpus.rows(chosen.file))
    evidence = planted(corpus)
    networks = Networks(cfg)
    explainer: Explainer = config.build(cfg.explain.explainer)
    rows = zip(chosen.itertuples(), waves, strict=True)
    for clip, wave in tqdm(rows, f"explaining {pair}", len(chosen), disable=None):
        place = folder(cfg) / pair / clip.clip
        placed, offset = fit(wave, RATE)
        audio.write(place / "original.wav", placed)
        if evidence is not None:
            keep_evidence(evidence[evidence.file == clip.file], offset / RATE, place)
        for task_name in TASKS:
            fold = getattr(clip, f"{task_name}_fold")
            for model in cfg.explain.networks:
                network = networks(f"{studies[task_name]}/{model}/{fold}")
                explanation = explainer(network, placed, network.answer(placed))
                explanation.save(place / f"{task_name}_{model}.pt")
    return chosen


def planted(corpus: Corpus) -> pd.DataFrame | None:
    """Regions of planted evidence of a corpus (file, label, s, Hz); None for real recordings."""
    is_synthetic = (corpus.root / EVIDENCE).is_file()
    return synthetic_digits.evidence(corpus.root) if is_synthetic else None


def keep_evidence(regions: pd.DataFrame, offset_s: float, place: Path) -> None:
    """Keep the regions of a clip, moved by `offset_s` to where the clip was placed."""
    moved = regions.assign(onset_s=regions.onset_s + offset_s, offset_s=regions.offset_s + offset_s)
    with atomic(place / EVIDENCE) as temporary:
        moved.to_csv(temporary, index=False)


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


@dataclass(frozen=True)
class Explained:
    """A clip and its explanations, read when they are asked for.

    Attributes:
        place: folder of the clip's files.
        row: its row of `clips.csv` (pair, clip, file, speaker and the folds).
    """

    place: Path
    row: Any

    def wave(self) -> Tensor:
        """The clip as the networks heard it, `(8000,)`."""
        return audio.read(self.place / "original.wav")

    def explanation(self, task: str, model: str) -> Explanation:
        """Relevance of a network for its answer to a task."""
        return Explanation.load(self.place / f"{task}_{model}.pt")

    def evidence(self, task: str) -> pd.DataFrame:
        """Regions planted for a task, in s of the placed clip; none for real recordings."""
        path = self.place / EVIDENCE
        if not path.is_file():
            return pd.DataFrame()
        regions = pd.read_csv(path)
        return regions[regions.label == task]


def read_explained(cfg: DictConfig) -> list[Explained]:
    """All clips that were explained."""
    clips = pd.read_csv(folder(cfg) / "clips.csv", dtype={"speaker": str, "clip": str})
    return [Explained(folder(cfg) / row.pair / row.clip, row) for row in clips.itertuples()]


class Networks:
    """The trained networks of a paper, each loaded when it is first asked for."""

    def __init__(self, cfg: DictConfig) -> None:
        """Nothing is loaded yet."""
        self.cfg = cfg
        self.loaded: dict[str, AudioModel] = {}

    def __call__(self, name: str) -> AudioModel:
        """The network of the job `study/model/fold`."""
        if name not in self.loaded:
            self.loaded[name] = audio_model(self.cfg, name)
        return self.loaded[name]


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The trained network of the job `study/model/fold`, ready to be explained.

    Raises:
        InputError: there is no such job, it is not done, or its model is no network.
    """
    job = sweep.job(cfg, name)
    learner = config.build(cfg.models[job.model])
    if not isinstance(learner, NetworkLearner):
        raise InputError(f"job {name}: {job.model} is no network; choose another model")
    with torch.random.fork_rng(devices=[]):  # the weights that it draws first are not kept
        trained = learner.load(task(cfg, job), job.folder)
    label = cfg.studies[job.study].label
    names = [f"{label} {value}" for value in classes(label)]
    return AudioModel(trained.network, names, RATE, trained.frontend, samples=RATE)


if __name__ == "__main__":
    config.run_stage(main)
