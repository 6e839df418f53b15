import numpy as np
import pandas as pd
import pytest
from omegaconf import DictConfig

from experiments.midlevel.explain import STUDY, audio_model, corpus_of
from experiments.midlevel.jobs.train import WEIGHTS, fold_of, song_names
from reproduction import config, sweep


def test_every_song_is_rated_once_by_each_training(run: DictConfig) -> None:
    """What it was used for, what listeners say and what the network says."""
    answers, corpus = sweep.predictions(run), corpus_of(run)
    ratings = {"a2e": 8, "a2mid2e": 15, "joint": 15}
    for (model, _), own in answers.groupby(["model", "fold"]):
        assert not own.duplicated(["song", "rating"]).any()
        assert len(own) == ratings[model] * len(corpus.records)
    named = corpus.records.assign(song=song_names(corpus.records)).set_index("song")
    row = answers[answers.rating == "fear"].iloc[0]
    assert row.rated == pytest.approx(named.loc[row.song, "fear"], abs=1e-5)


def test_runs_share_the_split_and_differ_in_the_seed(run: DictConfig) -> None:
    """One split, tested as often as there are runs."""
    jobs = [job for job in sweep.jobs(run) if job.model == "joint"]
    corpus = corpus_of(run)
    first, second = (fold_of(run, job, corpus) for job in jobs)
    assert first.test.equals(second.test)
    tables = [pd.read_csv(job.folder / sweep.PREDICTIONS) for job in jobs]
    assert (tables[0].rated == tables[1].rated).all()
    assert not np.allclose(tables[0].predicted, tables[1].predicted)


def test_parts_share_no_song(run: DictConfig) -> None:
    """Trained, validated and tested ones are all there are."""
    answers = sweep.predictions(run)
    parts = answers.groupby("part").song.unique()
    assert sum(map(len, parts)) == answers.song.nunique()
    assert set(parts.index) == {"train", "validate", "test"}


def test_the_last_layer_is_kept_with_its_names(run: DictConfig) -> None:
    """Mid-level features by emotions, as the network has them; none of the black box."""
    for job in sweep.jobs(run):
        path = job.folder / WEIGHTS
        assert path.is_file() == (job.model != "a2e")
        if path.is_file():
            model = audio_model(run, f"{STUDY}/{job.model}/{job.fold}")
            layer = model.network.network.emotions.weight.detach().T.numpy()
            kept = pd.read_csv(path, index_col="midlevel")
            np.testing.assert_allclose(kept, layer, atol=1e-6)
            assert list(kept) == list(run.studies[STUDY].emotions)


def test_open_tests_every_film_by_networks_that_know_no_music_of_it() -> None:
    """The folds of the tables of film music, which need no table to be composed."""
    cfg = config.compose(["paper=midlevel", "profile=open"])
    assert len(cfg.studies[STUDY].folds) == cfg.studies[STUDY].split.folds


def test_the_paper_profile_is_as_published() -> None:
    """Layers at full width, batches of 8, Adam at 5e-4, patience 50, eight runs."""
    cfg = config.compose(["paper=midlevel", "profile=paper"])
    for name in ("a2e", "a2mid2e", "joint"):
        model = cfg.models[name]
        assert (model.network.trunk.width, model.network.trunk.last_kernel) == (1.0, 3)
        assert (model.schedule.batch_size, model.schedule.patience) == (8, 50)
        assert model.schedule.optimizer.lr == 5e-4
        assert model.frames == 313
    assert len(cfg.studies[STUDY].folds) == 8
    assert dict(cfg.models.joint.scheme.weights) == {"midlevel": 1.0, "emotions": 1.0}
