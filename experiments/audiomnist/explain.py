"""Relevance of both networks for digit and for sex, on clips that no model was trained on."""

from pathlib import Path

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor
from tqdm import tqdm

from earwitness import audio, config, sweep
from earwitness.audio import RATE
from earwitness.corpora import synthetic_digits
from earwitness.corpora.corpus import Corpus, classes
from earwitness.explain.explanation import Axis, Explanation
from earwitness.explain.lrp import Composite, relevance
from earwitness.files import atomic
from earwitness.frontends import DecibelSpectrogram
from earwitness.training import NetworkLearner, NetworkTask
from experiments.audiomnist.tables import predictions
from experiments.audiomnist.train import task

TASKS = ("digit", "sex")
EVIDENCE = "evidence.csv"


def main(cfg: DictConfig) -> None:
    """Explain the chosen clips of every pair of studies and list them in `clips.csv`."""
    sweep.finish(cfg)
    torch.set_num_threads(cfg.threads)
    predicted = predictions(cfg)
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
    explainer = Explainer(cfg)
    rows = zip(chosen.itertuples(), waves, strict=True)
    for clip, wave in tqdm(rows, f"explaining {pair}", len(chosen), disable=None):
        place = folder(cfg) / pair / clip.clip
        placed, offset = centred(wave, RATE)
        audio.write(place / "original.wav", placed)
        if evidence is not None:
            keep_evidence(evidence[evidence.file == clip.file], offset / RATE, place)
        for task_name in TASKS:
            fold = getattr(clip, f"{task_name}_fold")
            for model in cfg.explain.networks:
                explanation = explainer(studies[task_name], model, fold, placed)
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


def centred(wave: Tensor, length: int) -> tuple[Tensor, int]:
    """`(samples,)` in the middle of `length` samples, and the sample at which it starts there.

    Zeros stand around a shorter wave; of a longer one the middle stretch is kept, and the start
    is negative.
    """
    offset = (length - len(wave)) // 2
    return torch.nn.functional.pad(wave, (offset, length - len(wave) - offset)), offset


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


class Explainer:
    """Loads each trained network once and explains its decision for a wave."""

    def __init__(self, cfg: DictConfig) -> None:
        """Networks are loaded when they are first asked for."""
        self.cfg = cfg
        self.composite: Composite = config.build(cfg.explain.composite)
        self.loaded: dict[str, NetworkTask] = {}

    def __call__(self, study: str, model: str, fold: int, wave: Tensor) -> Explanation:
        """Relevance for the predicted class of `(samples,)`, on the axes of the front end."""
        network = self.network(f"{study}/{model}/{fold}")
        inputs = network.frontend(wave[None])
        probabilities = network.probabilities(wave[None])[0]
        target = int(probabilities.argmax())
        found = relevance(network.network, inputs, torch.tensor([target]), self.composite)
        values = found.inputs[0, 0]
        label = self.cfg.studies[study].label
        return Explanation(
            values=values,
            axes=axes(network.frontend, values),
            target=f"{label} {classes(label)[target]}",
            probability=float(probabilities[target]),
            method=f"LRP {type(self.composite).__name__}",
            settings={"study": study, "model": model, "fold": int(fold)},
            gap=float(found.logits[0, target] - values.sum()),
        )

    def network(self, name: str) -> NetworkTask:
        """The trained network of the job `study/model/fold`."""
        if name not in self.loaded:
            job = sweep.job(self.cfg, name)
            learner: NetworkLearner = config.build(self.cfg.models[job.model])
            self.loaded[name] = learner.load(task(self.cfg, job), job.folder)
        return self.loaded[name]


def axes(frontend: torch.nn.Module, values: Tensor) -> tuple[Axis, ...]:
    """Time in s of a waveform; frequency in Hz and time in s of a spectrogram."""
    if isinstance(frontend, DecibelSpectrogram):
        frequency = Axis("frequency", "Hz", frontend.frequencies(RATE))
        return frequency, Axis("time", "s", frontend.times(values.shape[1], RATE))
    return (Axis("time", "s", torch.arange(len(values)) / RATE),)


if __name__ == "__main__":
    config.run_stage(main)
