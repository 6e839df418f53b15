import pandas as pd
import pytest
import torch
from omegaconf import DictConfig
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio as si_sdr

from experiments.audiolime.jobs.separate import QUALITY, quality
from experiments.audiolime.music import fold_of, separator_of, stems_of
from reproduction import config, sweep


def test_songs_left_out_are_judged(run: DictConfig) -> None:
    """With the separator that was kept, and none that it was trained on."""
    job = sweep.job(run, "separation/open_unmix/0")
    corpus = config.build(run.studies.separation.corpus)
    rows = pd.read_csv(job.folder / QUALITY)
    fold = fold_of(run, job, corpus)
    assert set(rows.file) == set(corpus.records.file[fold.test])
    row = rows.iloc[0]
    truth, names = stems_of(corpus, row.file, 16000)
    found = separator_of(run, "open_unmix", row.file)(truth.sum(0), 16000)
    place = names.index(row.source)
    assert row.si_sdr == pytest.approx(float(si_sdr(found[place], truth[place])), abs=1e-3)
    assert row.mixture == pytest.approx(float(si_sdr(truth.sum(0), truth[place])), abs=1e-3)


def test_a_source_that_is_not_there_is_not_judged() -> None:
    """Of a silent stem nothing can be said; a perfect estimate is far above the mixture."""
    truth = torch.randn(2, 1000, generator=torch.Generator().manual_seed(0))
    silent = torch.stack([truth[0], torch.zeros(1000)])
    assert [row["source"] for row in quality(silent, silent, ("a", "b"))] == ["a"]
    rows = quality(truth, truth, ("a", "b"))
    assert all(row["si_sdr"] > row["mixture"] + 20 for row in rows)
