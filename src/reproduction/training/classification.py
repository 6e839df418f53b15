"""Train one classifier of clips on one fold and predict its test clips: the job of a sweep."""

from typing import Any

import pandas as pd
import torch
from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.splits import Fold
from earwitness.files import atomic
from earwitness.randomness import generator
from reproduction import config, sweep
from reproduction.training.clips import Clips
from reproduction.training.networks import Classifier, Learner, Task


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Train one model on one fold, predict its test clips, and return the accuracy.

    Leaves in the job's folder the trained model and `predictions.csv` (file, speaker, label,
    predicted and the probability of each class).
    """
    torch.set_num_threads(cfg.threads)
    study = cfg.studies[job.study]
    corpus: Corpus = config.build(study.corpus)
    fold: Fold = config.build(study.split)(corpus.records)[job.fold]
    learner: Learner = config.build(cfg.models[job.model])
    samples = clip_samples(study, corpus)
    train_clips, validation_clips, test_clips = (
        clips(corpus, rows, study.label, samples) for rows in (fold.train, fold.validate, fold.test)
    )
    own_task = task(cfg, job, len(corpus.class_names(study.label)))
    model = learner.fit(train_clips, validation_clips, own_task, job.folder)
    table = predict(model, test_clips.placed(generator(cfg.seed)), corpus.records.loc[fold.test])
    with atomic(job.folder / sweep.PREDICTIONS) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6f")
    return {"accuracy": round(float((table.label == table.predicted).mean()), 6)}


def clip_samples(study: DictConfig, corpus: Corpus) -> int:
    """Length of a study's clips, in samples: `clip_s` of the study (by default 1 s)."""
    return round(study.get("clip_s", 1) * corpus.rate)


def clips(corpus: Corpus, rows: pd.Index, label: str, samples: int) -> Clips:
    """The recordings of `rows`, to be cut or padded to `samples`, and their class numbers, int64.

    Raises:
        InputError: a recording is missing, damaged, or not as long as the records say.
    """
    names = corpus.class_names(label)
    numbers = [names.index(value) for value in corpus.records.loc[rows, label]]
    return Clips(corpus.waves(rows), torch.tensor(numbers, dtype=torch.int64), samples)


def task(cfg: DictConfig, job: sweep.Job, classes: int) -> Task:
    """Number of classes, steps (0 for a model that has none) and seed of a job."""
    return Task(classes, cfg.studies[job.study].steps.get(job.model, 0), cfg.seed)


def predict(model: Classifier, test: Clips, records: pd.DataFrame) -> pd.DataFrame:
    """One row a test clip `(samples,)`: file, speaker, label, predicted, and a `p_<class>` each."""
    probabilities = model.probabilities(torch.stack([*test.waves]))
    columns = {f"p_{i}": column for i, column in enumerate(probabilities.T.numpy())}
    return pd.DataFrame(
        {
            "file": records.file.to_numpy(),
            "speaker": records.speaker.to_numpy(),
            "label": test.labels.numpy(),
            "predicted": probabilities.argmax(dim=1).numpy(),
        }
        | columns
    )
