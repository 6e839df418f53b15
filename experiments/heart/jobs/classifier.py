"""Train one classifier on one fold of recordings with their predicted states, and test it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from earwitness import config, sweep
from earwitness.clips import Clips
from earwitness.corpora.corpus import Corpus, classes
from earwitness.corpora.splits import Fold
from earwitness.files import atomic
from earwitness.heart_clips import Cutter
from earwitness.training import Classifier, Learner, Task
from experiments.heart.segmented import segmented


@dataclass(frozen=True)
class HeartModel:
    """What hears hearts, and how recordings are cut for it: what a heart model's config describes.

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
    if study.unit == "segment":
        train_clips, table, clips = split_segments(cfg, job, corpus, model.clips)
    else:
        fold: Fold = config.build(study.split)(corpus.records)[job.fold]
        train_clips = training_clips(cfg, corpus, fold.train, model.clips)
        table, clips = cut_recordings(cfg, corpus, fold.test, model.clips)
    nothing = Clips([], torch.tensor([], dtype=torch.int64), train_clips.length)
    trained = model.learner.fit(train_clips, nothing, task(cfg, job), job.folder)
    found = predicted(trained, table, clips)
    with atomic(job.folder / sweep.PREDICTIONS) as temporary:
        found.to_csv(temporary, index=False, float_format="%.6f")
    return {"macc": balanced_accuracy(found)}


def task(cfg: DictConfig, job: sweep.Job) -> Task:
    """Classes, steps (0 for a model that has none) and seed of a job."""
    study = cfg.studies[job.study]
    return Task(len(classes(study.label)), study.steps.get(job.model, 0), cfg.seed)


def training_clips(cfg: DictConfig, corpus: Corpus, rows: pd.Index, cut: Cutter) -> Clips:
    """What to train on: whole recordings that clips are drawn from, or their clips.

    Each class is drawn as often as the other, and each recording of a class.
    """
    recordings = segmented(cfg, corpus, rows)
    parts = [[wave] if cut.anywhere else list(cut(wave).clips) for wave in recordings]
    counts = torch.tensor([len(part) for part in parts])
    labels = labels_of(corpus, rows).repeat_interleave(counts)
    each = (1 / counts).repeat_interleave(counts)
    waves = [clip for part in parts for clip in part]
    return Clips(waves, labels, cut.length or 0, balanced(labels, each))


def cut_recordings(
    cfg: DictConfig, corpus: Corpus, rows: pd.Index, cut: Cutter
) -> tuple[pd.DataFrame, list[Tensor]]:
    """One row a clip of the recordings of `rows`, and the clips of each recording."""
    cuts = [cut(wave) for wave in segmented(cfg, corpus, rows)]
    counts = [len(found.clips) for found in cuts]
    records = corpus.records.loc[rows]
    table = pd.DataFrame(
        {
            "file": records.file.to_numpy(),
            "speaker": records.speaker.to_numpy(),
            "database": records.database.to_numpy(),
            "label": labels_of(corpus, rows).numpy(),
        }
    )
    table = table.loc[np.repeat(table.index, counts)].reset_index(drop=True)
    starts = [start / corpus.rate for found in cuts for start in found.starts]
    return table.assign(start_s=starts), [found.clips for found in cuts]


def split_segments(
    cfg: DictConfig, job: sweep.Job, corpus: Corpus, cut: Cutter
) -> tuple[Clips, pd.DataFrame, list[Tensor]]:
    """Clips of all recordings, split regardless of the recording they come from: the leak.

    Every recording has clips on both sides. What is trained on are these clips and no others.
    """
    settings = cfg.studies[job.study]
    table, clips = cut_recordings(cfg, corpus, corpus.records.index, cut)
    flat = torch.cat(clips)
    folds = StratifiedKFold(settings.parts, shuffle=True, random_state=cfg.seed)
    train, test = list(folds.split(table, table.label))[job.fold]
    labels = torch.tensor(table.label.to_numpy())[train]
    waves = list(flat[train])
    weights = balanced(labels, torch.ones(len(train)))
    return Clips(waves, labels, flat.shape[2], weights), table.iloc[test], [flat[test]]


def labels_of(corpus: Corpus, rows: pd.Index) -> Tensor:
    """The number of the class of each recording."""
    diagnoses = classes("diagnosis")
    return torch.tensor([diagnoses.index(name) for name in corpus.records.loc[rows, "diagnosis"]])


def balanced(labels: Tensor, each: Tensor) -> Tensor:
    """Weights of clips, scaled so that both classes have the same sum."""
    sums = torch.zeros(int(labels.max()) + 1).index_add(0, labels, each)
    return each / sums[labels]


def predicted(model: Classifier, table: pd.DataFrame, clips: list[Tensor]) -> pd.DataFrame:
    """The table of clips with what a model answers to each."""
    probabilities = torch.cat([model.probabilities(part) for part in clips]).numpy()
    columns = {f"p_{index}": column for index, column in enumerate(probabilities.T)}
    return table.assign(predicted=probabilities.argmax(axis=1), **columns)


def balanced_accuracy(found: pd.DataFrame) -> float:
    """Mean over classes of the share of recordings that the mean over clips gets right."""
    recordings = found.groupby("file")[["label", "p_0", "p_1"]].mean()
    right = (recordings.p_1 > recordings.p_0) == (recordings.label == 1)
    return round(float(right.groupby(recordings.label).mean().mean()), 6)
