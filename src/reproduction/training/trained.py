"""Trained networks of classification jobs, ready to be explained, and clips for them."""

from collections.abc import Iterable, Iterator

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.generated import EVIDENCE, REGIONS, read_evidence
from earwitness.errors import InputError
from earwitness.explain.model import AudioModel, crop_or_pad
from earwitness.judge.localisation import shift_in_time
from reproduction import config, sweep
from reproduction.training.classification import clip_samples, task
from reproduction.training.networks import NetworkLearner


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The network of the job `study/model/fold`, for clips of the study's length and corpus's rate.

    Raises:
        InputError: there is no such job, it is not done, or its model is no network.
    """
    job = sweep.job(cfg, name)
    learner = config.build(cfg.models[job.model])
    if not isinstance(learner, NetworkLearner):
        raise InputError(f"job {name}: {job.model} is no network; choose another model")
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    names = [f"{study.label} {value}" for value in corpus.class_names(study.label)]
    with torch.random.fork_rng(devices=[]):  # the weights that it draws first are not kept
        trained = learner.load(task(cfg, job, len(names)), job.folder)
    samples = clip_samples(study, corpus)
    return AudioModel(trained.network, names, corpus.rate, trained.frontend, samples)


def clips(
    corpus: Corpus, files: Iterable[str], samples: int | None = None
) -> Iterator[tuple[Tensor, pd.DataFrame]]:
    """Recordings cut or padded to the length that a network takes, and their planted evidence.

    `samples` is that length, `AudioModel.samples`; None for one second.

    Yields:
        Of each file, a clip `(samples,)` at the corpus's rate with the recording in its middle,
        and the regions of evidence in it (label, onset_s, offset_s, low_hz, high_hz); no regions
        where the sound was not synthesised by this project.
    """
    length = corpus.rate if samples is None else samples
    planted = pd.DataFrame(columns=REGIONS)
    if (corpus.root / EVIDENCE).is_file():
        planted = read_evidence(corpus.root, corpus.name)
    names = pd.Series(files)
    for file, wave in zip(names, corpus.waves(corpus.rows(names)), strict=True):
        placed, offset = crop_or_pad(wave, length)
        yield placed, shift_in_time(planted[planted.file == file], offset / corpus.rate)
