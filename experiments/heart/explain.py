"""Why a trained network takes clips of test recordings for abnormal, by every method.

What is explained is always the class "abnormal", so that values above zero speak for it, whatever
the network answers.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora import synthetic_hearts
from earwitness.corpora.corpus import Corpus, track
from earwitness.corpora.generated import EVIDENCE
from earwitness.corpora.labels import DIAGNOSES
from earwitness.errors import InputError
from earwitness.explain.bins import equal_bins
from earwitness.explain.model import AudioModel
from earwitness.judge.agreement import BIN_S
from earwitness.judge.localisation import shift_in_time
from experiments.heart.combined import combined
from experiments.heart.jobs import states
from experiments.heart.jobs.classifier import HeartModel
from experiments.heart.segmented import STATES_FILE, segmented
from experiments.heart.segmented_frontend import Segmented
from reproduction import config, sweep
from reproduction.csv_files import read_csv, write_csv
from reproduction.explainers import built_explainers
from reproduction.parallel import parallel_map, split_in_halves
from reproduction.store import ExplainedClip, Store
from reproduction.training.classification import task
from reproduction.training.networks import NetworkLearner, NetworkTask

RATE = 1000
"""Of all heart sounds, in Hz."""
ABNORMAL = DIAGNOSES[1]
COMBINED = "combined"
"""The paper's combination of two of the other methods."""


def main(cfg: DictConfig) -> None:
    """Explain the chosen clips and list them in `clips.csv`."""
    sweep.require_finished(cfg)
    torch.set_num_threads(cfg.threads)
    listed = choose(cfg)
    write_clips(cfg, listed)
    parts = [store(cfg).clips(part) for _, part in listed.groupby("fold")]
    parallel_map(partial(explain_fold, cfg), split_in_halves(parts), cfg.processes, "explaining")
    store(cfg).write_list(listed, "%.6f")


def store(cfg: DictConfig) -> Store:
    """The explained clips, whose rows `choose` describes."""
    return Store(config.paper_folder(cfg, "runs") / "explanations", rate=RATE)


def choose(cfg: DictConfig) -> pd.DataFrame:
    """Clips to explain, one a subject, as evenly as can be over diagnosis and right or wrong.

    Of each recording one clip is drawn at random.

    Returns:
        Rows in the order of their files: file, speaker, database, diagnosis, fold, clip, start_s,
        right (whether the network is, about the clip), p_abnormal of the clip, and
        p_abnormal_recording, the mean over all clips of the recording.
    """
    predicted = sweep.predictions(cfg, cfg.explain.study)
    clips = predicted[predicted.model == cfg.explain.model]
    clips = clips.assign(
        diagnosis=np.array(DIAGNOSES)[clips.label],
        right=clips.predicted == clips.label,
        p_abnormal=clips.p_1,
        p_abnormal_recording=clips.groupby("file").p_1.transform("mean"),
        clip=clips.file.map(lambda file: Path(file).stem),
    )
    drawn = clips.sample(frac=1, random_state=cfg.seed).drop_duplicates("speaker")
    turn = drawn.groupby(["diagnosis", "right"]).cumcount()
    chosen = drawn.loc[turn.sort_values(kind="stable").index].head(cfg.explain.clips)
    columns = ["file", "speaker", "database", "diagnosis", "fold", "clip", "start_s", "right"]
    kept = chosen[[*columns, "p_abnormal", "p_abnormal_recording"]]
    return kept.sort_values("file").reset_index(drop=True)


def write_clips(cfg: DictConfig, listed: pd.DataFrame) -> None:
    """Write each clip as the network gets it, its states, and where evidence was planted."""
    corpus: Corpus = config.build(cfg.studies[cfg.explain.study].corpus)
    samples = heart_model(cfg).clips.length
    recordings = segmented(cfg, corpus, corpus.rows(listed.file))
    for clip, recording in zip(store(cfg).clips(listed), recordings, strict=True):
        start = round(clip.row.start_s * RATE)
        sound, numbers = recording[:, start : start + samples] if samples else recording
        clip.write_wave(_zero_padded(sound, samples))
        write_csv(clip.folder / STATES_FILE, segments_of(numbers.long()))
        if has_murmurs(corpus):
            clip.write_evidence(murmurs(corpus, clip.row.file, clip.row.start_s), "%.6f")


def has_murmurs(corpus: Corpus) -> bool:
    """Whether murmurs were planted in some recordings of a corpus."""
    return (corpus.root / EVIDENCE).is_file()


def murmurs(corpus: Corpus, file: str, start_s: float) -> pd.DataFrame:
    """Where murmurs were planted in a recording, in s from `start_s` on; none in real ones."""
    if not has_murmurs(corpus):
        return pd.DataFrame()
    regions = synthetic_hearts.evidence(corpus.root)
    return shift_in_time(regions[regions.file == file], -start_s)


def segments_of(numbers: Tensor) -> pd.DataFrame:
    """Stretches of equal numbers in a track `(samples,)`: start_s, end_s, state."""
    values, lengths = numbers.unique_consecutive(return_counts=True)
    ends = lengths.cumsum(0)
    spans = {"start_s": (ends - lengths) / RATE, "end_s": ends / RATE, "state": values}
    return pd.DataFrame({name: column.numpy() for name, column in spans.items()})


def states_of(clip: ExplainedClip) -> Tensor:
    """The state at each sample of a clip, `(samples,)`, counted from 1; 0 where it is unknown."""
    return track(read_csv(clip.folder / STATES_FILE), len(clip.wave()), RATE)


def methods(cfg: DictConfig) -> list[str]:
    """Explainers whose values lie in time or on states."""
    return [name for name in cfg.explain.explainers if name != "shapley_rows"] + [COMBINED]


def explain_fold(cfg: DictConfig, clips: list[ExplainedClip]) -> None:
    """Explain clips that the network of one fold was tested on, by each method."""
    job = f"{cfg.explain.study}/{cfg.explain.model}/{clips[0].row.fold}"
    trained = network(cfg, job)
    explainers = built_explainers(cfg.explain.explainers)
    for clip in clips:
        wave = clip.wave()
        model = hearing(trained, states_of(clip))
        target = model.class_index(ABNORMAL)
        for name, explainer in explainers.items():
            clip.write_explanation(explainer(model, wave, target), name)
        first, second = (clip.explanation(name) for name in cfg.explain.combined)
        edges = equal_bins(len(wave) / RATE, BIN_S)
        clip.write_explanation(combined(first, second, edges), COMBINED)


def hearing(trained: NetworkTask, known: Tensor) -> AudioModel:
    """A trained network ready to be explained about a clip whose track `(samples,)` is known."""
    return _model(trained, lambda _: known, len(known))


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The trained network of the job `study/model/fold`, which segments sounds by itself.

    Raises:
        InputError: there is no such job, it is not done, or its model is no network.
    """
    trained = network(cfg, name)
    segmenters = states.trained(cfg, cfg.states.study)
    samples = heart_model(cfg, sweep.job(cfg, name).model).clips.length

    def track_of(wave: Tensor) -> Tensor:
        return track(segmenters.segment(wave, RATE), len(wave), RATE)

    return _model(trained, track_of, samples)


def network(cfg: DictConfig, name: str) -> NetworkTask:
    """What the job `study/model/fold` trained; InputError if it is no network."""
    job = sweep.job(cfg, name)
    learner = heart_model(cfg, job.model).learner
    if not isinstance(learner, NetworkLearner):
        raise InputError(f"job {name}: {job.model} is no network; choose another model")
    with torch.random.fork_rng(devices=[]):  # the weights that it draws first are not kept
        return learner.load(task(cfg, job, len(DIAGNOSES)), job.folder)


def heart_model(cfg: DictConfig, name: str | None = None) -> HeartModel:
    """A model as it is configured; without a name, the one that is explained."""
    model: HeartModel = config.build(cfg.models[name or cfg.explain.model])
    return model


def _model(
    trained: NetworkTask, track_of: Callable[[Tensor], Tensor], samples: int | None
) -> AudioModel:
    """A trained network with a front end that gets the states from `track_of`."""
    frontend = Segmented(trained.frontend, track_of)
    return AudioModel(trained.network, DIAGNOSES, RATE, frontend, samples)


def _zero_padded(sound: Tensor, samples: int | None) -> Tensor:
    """At least `samples` of `(samples,)`: zeros follow, as for all short recordings."""
    return torch.nn.functional.pad(sound, (0, max(0, (samples or 0) - len(sound))))
