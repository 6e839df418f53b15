"""The trained networks of classification jobs, ready to be explained, and what they hear."""

from collections.abc import Iterable, Iterator

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus, classes
from earwitness.corpora.generated import EVIDENCE, REGIONS, read_evidence
from earwitness.errors import InputError
from earwitness.explain.model import AudioModel, crop_or_pad
from earwitness.judge.localisation import shift_in_time
from earwitness.sound.audio import RATE
from reproduction import config, sweep
from reproduction.training.classification import task
from reproduction.training.networks import NetworkLearner


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The network of the job `study/model/fold`; it takes one second at 8 kHz.

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


def clips(corpus: Corpus, files: Iterable[str]) -> Iterator[tuple[Tensor, pd.DataFrame]]:
    """Recordings as these networks hear them, and where evidence was planted.

    Yields:
        Of each file, one second `(8000,)` with the recording in its middle, and the regions in it
        (label, onset_s, offset_s, low_hz, high_hz); none where the project did not make the sound.
    """
    planted = pd.DataFrame(columns=REGIONS)
    if (corpus.root / EVIDENCE).is_file():
        planted = read_evidence(corpus.root, corpus.name)
    named = pd.Series(files)
    for file, wave in zip(named, corpus.waves(corpus.rows(named)), strict=True):
        placed, offset = crop_or_pad(wave, RATE)
        yield placed, shift_in_time(planted[planted.file == file], offset / RATE)
