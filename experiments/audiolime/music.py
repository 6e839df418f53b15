"""Clips of music, the taggers that classify them, and the sources that they are mixed from."""

from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from earwitness.corpora.stems import Sources, StemCorpus
from earwitness.errors import InputError
from earwitness.explain.model import AudioModel
from earwitness.models.separation.cache import separated
from earwitness.models.separation.protocol import Separator
from earwitness.models.taggers.published import ARCHITECTURES, RATE
from earwitness.sound import audio
from reproduction import config, sweep
from reproduction.training.networks import Task

SEPARATION, TAGGERS = "separation", "taggers"
"""Studies that train; all others are of music to explain."""


@dataclass(frozen=True)
class Clip:
    """The part of a track that a tagger classifies: `samples` from `start` on, at 16 kHz.

    Attributes:
        name: of its files.
        file: its track.
        speaker: its artist, or its song where songs have no artist.
        start: in samples.
        samples: how many.
        full: whether as many of its coalitions are evaluated as in the paper.
    """

    name: str
    file: str
    speaker: str
    start: int
    samples: int
    full: bool

    def of(self, sounds: Tensor) -> Tensor:
        """The clip's stretch of `(..., samples)` of its track."""
        return sounds[..., self.start : self.start + self.samples]


def fold_of(cfg: DictConfig, job: sweep.Job, corpus: Corpus) -> Fold:
    """The recordings of a job."""
    folds: list[Fold] = config.build(cfg.studies[job.study].split)(corpus.records)
    return folds[job.fold]


def clips_of(cfg: DictConfig, job: sweep.Job, corpus: Corpus) -> list[Clip]:
    """Clips of the tracks that a job explains; the first clips of a few tracks in full.

    Tracks that are shorter than the tagger's input are left out.
    """
    study, samples = cfg.studies[job.study], ARCHITECTURES[job.model].samples
    rows = fold_of(cfg, job, corpus).test
    chosen = corpus.records.loc[rows].sample(frac=1, random_state=cfg.seed)[: study.tracks]
    clips: list[Clip] = []
    full = int(study.full)
    for row in chosen.itertuples():
        frames = row.frames * RATE // corpus.rate
        for number, start in enumerate(starts(frames, samples, study.clips[job.model])):
            name = f"{Path(row.file).with_suffix('').as_posix().replace('/', '_')}_{number}"
            is_full = number == 0 and full > 0
            full -= is_full
            clips.append(Clip(name, row.file, str(row.speaker), start, samples, is_full))
    return clips


def starts(frames: int, samples: int, count: int) -> list[int]:
    """Where `count` clips of a track begin, as the released experiment cuts them; none fits: none.

    A single clip is the middle of the track; the released experiment always has several.
    """
    spare = frames - samples
    if spare < 0:
        return []
    return [spare // 2] if count == 1 else [number * (spare // count) for number in range(count)]


def tagger_of(cfg: DictConfig, name: str) -> AudioModel:
    """A tagger: published, or trained before.

    Raises:
        InputError: its training is not done, or weights are missing.
    """
    if TAGGERS not in cfg.studies:
        model: AudioModel = config.build(cfg.models[name])
        return model
    job = sweep.job(cfg, f"{TAGGERS}/{name}/0")
    _require_done(cfg.paper.name, job)
    learner = config.build(cfg.models[name])
    trained = learner.load(task_of(cfg, job), job.folder)
    samples = ARCHITECTURES[name].samples
    return AudioModel(
        trained.network, list(cfg.tags), RATE, learner.frontend, samples, "sigmoid"
    ).eval()


def task_of(cfg: DictConfig, job: sweep.Job) -> Task:
    """What a tagger is trained for."""
    steps = int(cfg.studies[job.study].steps[job.model])
    return Task(len(cfg.tags), steps, int(cfg.seed) + job.fold)


def stems_of(corpus: Corpus, file: str, rate: int) -> Sources:
    """The true sources of a track at `rate` Hz, which add up to it.

    Raises:
        InputError: they are not known.
    """
    if not isinstance(corpus, StemCorpus):
        raise InputError(f"{corpus.name}: its stems are not known; choose another method")
    return corpus.stems(file, rate)


def track_of(corpus: Corpus, file: str) -> Tensor:
    """A track as taggers get it, `(samples,)` at 16 kHz; the sum of its stems if it has any."""
    if isinstance(corpus, StemCorpus):
        return corpus.stems(file, RATE)[0].sum(0)
    return audio.read(corpus.root / file, RATE)


def separator_of(cfg: DictConfig, name: str, file: str) -> Separator:
    """A separator that was not trained on a track.

    Raises:
        InputError: its training is not done.
    """
    if name != "open_unmix":
        configured: Separator = config.build(cfg.separators[name])
        return configured
    jobs = sweep.jobs_of(cfg, SEPARATION)
    corpus: StemCorpus = config.build(cfg.studies[SEPARATION].corpus)
    left_out = [file in set(corpus.records.file[fold_of(cfg, j, corpus).test]) for j in jobs]
    # No separator was trained on other music: any of them will do.
    job = jobs[left_out.index(True) if True in left_out else 0]
    _require_done(cfg.paper.name, job)
    learner = config.build(cfg.models[job.model])
    separator: Separator = learner.load(corpus.sources, job.folder)
    return separator


def sources_of(cfg: DictConfig, corpus: Corpus, name: str, file: str) -> Sources:
    """Sources of a track at 16 kHz by a separator's name, or `true` for its stems."""
    if name == "true":
        return stems_of(corpus, file, RATE)
    separator = separator_of(cfg, name, file)
    kept = config.paper_folder(cfg, "runs") / "sources"
    return separated(separator, track_of(corpus, file), RATE, kept), separator.names


def _require_done(paper: str, job: sweep.Job) -> None:
    if job.done() is None:
        raise InputError(
            f"job {job.study}/{job.model}/{job.fold}: not done; run `make {paper}` first"
        )
