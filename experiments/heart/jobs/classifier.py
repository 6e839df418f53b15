"""Train one classifier on one fold of recordings with their predicted states, and test it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from earwitness.sound.heart_clips import ClipSequence, Cutter, Whole, cut_recordings
from experiments.heart.segmented import segmented
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.training.classification import task
from reproduction.training.clips import Clips
from reproduction.training.networks import Classifier, Learner

BATCH = 50
"""Clips that are predicted at a time."""


@dataclass(frozen=True)
class HeartModel:
    """A classifier of heart sounds, and how recordings are cut for it: a configured heart model.

    Attributes:
        learner: trains on clips.
        clips: cuts recordings into them.
    """

    learner: Learner
    clips: Cutter


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train one model on one fold, predict its test clips, and return the balanced accuracy.

    Leaves in the job's folder what the model learnt and `predictions.csv`, one row a clip: file,
    speaker, database, start_s, label, predicted and the probability of each class.
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    model: HeartModel = config.build(cfg.models[job.model])
    split = split_segments if study.unit == "segment" else split_recordings
    train_clips, table, clips = split(cfg, job, corpus, model.clips)
    nothing = Clips([], torch.tensor([], dtype=torch.int64), train_clips.length)
    own_task = task(cfg, job, len(corpus.class_names("diagnosis")))
    trained = model.learner.fit(train_clips, nothing, own_task, job.folder)
    answers = predicted(trained, table, clips)
    write_csv(job.folder / sweep.PREDICTIONS, answers)
    return {"macc": balanced_accuracy(answers)}


def split_recordings(
    cfg: DictConfig, job: sweep.Job, corpus: Corpus, cut: Cutter
) -> tuple[Clips, pd.DataFrame, ClipSequence]:
    """What to train on, and the clips of the recordings of the test fold, listed and cut."""
    fold: Fold = config.build(cfg.studies[job.study].split)(corpus.records)[job.fold]
    tested = cut_recordings(segmented(cfg, corpus, fold.test), cut)
    table = listed(corpus, fold.test, tested)
    return training_clips(cfg, corpus, fold.train, cut), table, tested


def training_clips(cfg: DictConfig, corpus: Corpus, rows: pd.Index, cut: Cutter) -> Clips:
    """What to train on: whole recordings that clips are drawn from, or their clips.

    Each class is drawn as often as the other, and each recording of a class.
    """
    clips = cut_recordings(segmented(cfg, corpus, rows), Whole() if cut.random_starts else cut)
    numbers = torch.tensor([number for number, _ in clips.spans])
    labels = labels_of(corpus, rows)[numbers]
    each = 1 / numbers.bincount()[numbers]
    return Clips(clips, labels, cut.length or 0, balanced(labels, each))


def split_segments(
    cfg: DictConfig, job: sweep.Job, corpus: Corpus, cut: Cutter
) -> tuple[Clips, pd.DataFrame, ClipSequence]:
    """Clips of all recordings, split regardless of the recording they come from: the leak.

    Every recording has clips on both sides. What is trained on are these clips and no others.
    """
    rows = corpus.records.index
    clips = cut_recordings(segmented(cfg, corpus, rows), cut)
    table = listed(corpus, rows, clips)
    parts = cfg.studies[job.study].parts
    folds = StratifiedKFold(parts, shuffle=True, random_state=cfg.seed)
    train, test = list(folds.split(table, table.label))[job.fold]
    labels = torch.tensor(table.label.to_numpy())[train]
    weights = balanced(labels, torch.ones(len(train)))
    chosen = Clips(clips.subset(train), labels, cut.length or 0, weights)
    return chosen, table.iloc[test], clips.subset(test)


def listed(corpus: Corpus, rows: pd.Index, clips: ClipSequence) -> pd.DataFrame:
    """One row a clip of the recordings of `rows`."""
    records = corpus.records.loc[rows, ["file", "speaker", "database"]]
    records = records.assign(label=labels_of(corpus, rows).numpy())
    table = records.iloc[[number for number, _ in clips.spans]].reset_index(drop=True)
    return table.assign(start_s=[start / corpus.rate for _, (start, _) in clips.spans])


def labels_of(corpus: Corpus, rows: pd.Index) -> Tensor:
    """The number of the class of each recording, `(recordings,)`."""
    diagnoses = corpus.class_names("diagnosis")
    return torch.tensor([diagnoses.index(name) for name in corpus.records.loc[rows, "diagnosis"]])


def balanced(labels: Tensor, each: Tensor) -> Tensor:
    """Weights `(clips,)`, from those of `each`, scaled so that both classes have the same sum."""
    sums = torch.zeros(int(labels.max()) + 1).index_add(0, labels, each)
    return each / sums[labels]


def predicted(model: Classifier, table: pd.DataFrame, clips: ClipSequence) -> pd.DataFrame:
    """The table of clips with the answers to them; whole recordings are classified one by one."""
    size = BATCH if clips.length else 1
    batches = [clips[at : at + size] for at in range(0, len(clips), size)]
    probabilities = torch.cat([model.probabilities(torch.stack([*some])) for some in batches])
    columns = {f"p_{index}": column for index, column in enumerate(probabilities.numpy().T)}
    return table.assign(predicted=probabilities.argmax(dim=1).numpy(), **columns)


def balanced_accuracy(answers: pd.DataFrame) -> float:
    """Mean over classes of the share of recordings that the mean over clips gets right."""
    recordings = answers.groupby("file")[["label", "p_0", "p_1"]].mean()
    right = (recordings.p_1 > recordings.p_0) == (recordings.label == 1)
    return round(float(right.groupby(recordings.label).mean().mean()), 6)
