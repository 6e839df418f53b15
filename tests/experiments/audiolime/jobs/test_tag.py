import pandas as pd
import pytest
import torch
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score

from experiments.audiolime.jobs.tag import clips, middle
from experiments.audiolime.music import fold_of, tagger_of
from experiments.audiolime.tables.trained import auc
from reproduction import config, sweep


@pytest.mark.parametrize("tagger", ["samplecnn", "musicnn"])
def test_predictions_are_the_trained_taggers(run: DictConfig, tagger: str) -> None:
    """Read again from its weights, of songs it was not trained on."""
    job = sweep.job(run, f"taggers/{tagger}/0")
    corpus = config.build(run.studies.taggers.corpus)
    rows = pd.read_csv(job.folder / sweep.PREDICTIONS, dtype={"speaker": str})
    test = clips(run.tags, job, corpus, fold_of(run, job, corpus).test)
    assert set(rows.file) == set(corpus.records.file[fold_of(run, job, corpus).test])
    model, first = tagger_of(run, tagger), rows.file.iloc[0]
    for row in rows[rows.file == first].itertuples():
        expected = model.probability(test.waves[0], row.tag)
        assert row.probability == pytest.approx(expected, abs=1e-5)
        assert row.present == corpus.records.set_index("file").loc[first, row.tag]


def test_the_middle_is_heard() -> None:
    """As many samples before as after, but for one."""
    assert middle(torch.arange(9), 4).tolist() == [2, 3, 4, 5]


def test_the_area_under_the_curve_is_scikit_learns() -> None:
    """With ties; nothing can be said of a tag that all have."""
    random = torch.Generator().manual_seed(0)
    rows = pd.DataFrame({
        "present": torch.randint(2, (40,), generator=random),
        "probability": torch.randint(9, (40,), generator=random) / 9,
    })  # fmt: skip
    assert auc(rows) == pytest.approx(roc_auc_score(rows.present, rows.probability))
    assert pd.isna(auc(rows.assign(present=1)))
