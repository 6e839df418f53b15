"""Heart sounds: what networks take for abnormal, in recordings with a murmur where there are any.

Networks get the states of the whole clip, also while parts of it are switched off.
"""

from collections.abc import Iterator

from omegaconf import DictConfig
from torch.nn.functional import pad

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.labels import DIAGNOSES
from experiments.baselines.subject import Subject, chosen
from experiments.heart.explain import ABNORMAL, RATE, hearing, heart_model, murmurs, network
from experiments.heart.segmented import segmented
from reproduction import config, sweep


def subjects(cfg: DictConfig, name: str, count: int) -> Iterator[Subject]:
    """Up to `count` test windows of the job `study/model/fold`, murmurs that it recognised first.

    Args:
        cfg: the paper's configuration.
        name: of the job.
        count: of clips.
    """
    job, trained = sweep.job(cfg, name), network(cfg, name).eval()
    corpus: Corpus = config.build(cfg.studies[job.study].corpus)
    length = heart_model(cfg, job.model).clips.length
    predictions = sweep.predictions_of(job)
    abnormal = DIAGNOSES.index(ABNORMAL)
    recognised = (predictions.label == abnormal) & (predictions.predicted == abnormal)
    rows = chosen(predictions, recognised, count, cfg.seed)
    for row, recording in zip(
        rows.itertuples(), segmented(cfg, corpus, corpus.rows(rows.file)), strict=True
    ):
        start, samples = round(row.start_s * RATE), length or recording.shape[1]
        window = recording[:, start : start + samples]
        sound, states = pad(window, (0, samples - window.shape[1]))
        model = hearing(trained, states.long()).eval()
        regions = murmurs(corpus, row.file, row.start_s)
        clip = f"{row.file} {row.start_s:g}"
        yield Subject(clip, row.speaker, model, sound, model.class_index(ABNORMAL), regions)
