from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from earwitness.errors import InputError
from experiments.midlevel.answers import last_layers
from experiments.midlevel.explain import (
    STUDY,
    audio_model,
    choose,
    corpus_of,
    divider,
    models_of,
    parts,
    store,
    waves_of,
)
from reproduction import sweep


def test_songs_are_those_no_network_that_explains_them_was_trained_on(run: DictConfig) -> None:
    """As many as wanted, each once."""
    listed = choose(run)
    answers = sweep.predictions(run)
    assert len(listed) == run.explain.songs
    assert listed.song.is_unique
    told = answers.merge(listed[["song", "fold"]], on=["song", "fold"])
    assert (told.part == "test").all()


def test_parts_hold_every_song_once_and_one_fold_each(run: DictConfig) -> None:
    """Whatever the number of songs."""
    songs = store(run).read()
    found = parts(songs)
    assert sorted(song.row.song for part in found for song in part) == [s.row.song for s in songs]
    assert all(len({song.row.fold for song in part}) == 1 for part in found)


def test_shapley_values_add_up_to_the_rating_less_that_of_silence(run: DictConfig) -> None:
    """Efficiency, for every network, way to divide and rating."""
    corpus, song = corpus_of(run), store(run).read()[0]
    (wave,) = waves_of(corpus, [song])
    for by in run.explain.by:
        for name, model in models_of(run, song.row.fold).items():
            components = divider(run, by, corpus, song)(model, wave)
            with torch.inference_mode():
                ends = model.network(
                    components.render(torch.tensor([[False], [True]]).expand(2, components.count))
                )
            for column, rating in enumerate(model.classes):
                found = song.explanation(name, by, rating)
                assert float(found.values.sum()) == pytest.approx(
                    float(ends[1, column] - ends[0, column]), abs=1e-5
                )


def test_both_networks_are_asked_equally_often(run: DictConfig) -> None:
    """The comparison is at equal calls."""
    for song in store(run).read():
        for by in run.explain.by:
            first, second = (
                song.explanation(name, by, run.studies[STUDY].emotions[0]).settings["coalitions"]
                for name in run.explain.models
            )
            assert first == second > 1


def test_two_levels_lose_nothing(run: DictConfig) -> None:
    """Features' Shapley values, weighted by the last layer, are those of the emotion."""
    layers = last_layers(run)
    for song in store(run).read():
        mine = layers[(layers.model == "joint") & (layers.fold == song.row.fold)]
        for by in run.explain.by:
            for emotion, weights in mine.groupby("emotion"):
                through = sum(
                    row.weight * song.explanation("joint", by, row.midlevel).values
                    for row in weights.itertuples()
                )
                whole = song.explanation("joint", by, emotion).values
                torch.testing.assert_close(through, whole, atol=2e-6, rtol=0)


def test_model_answers_as_it_did_when_it_was_tested(run: DictConfig) -> None:
    """The explained network is the trained one, its classes its ratings."""
    corpus, song = corpus_of(run), store(run).read()[0]
    (wave,) = waves_of(corpus, [song])
    answers = sweep.predictions(run)
    for name, model in models_of(run, song.row.fold).items():
        own = answers[(answers.model == name) & (answers.song == song.row.song)]
        own = own[own.fold == song.row.fold].set_index("rating").predicted
        with torch.inference_mode():
            outputs = model(wave[None])[0].numpy()
        np.testing.assert_allclose(outputs, own[list(model.classes)], atol=2e-6)


def test_sources_add_up_to_the_song(run: DictConfig) -> None:
    """With all of them on, the network hears what it was tested on."""
    corpus, song = corpus_of(run), store(run).read()[0]
    (wave,) = waves_of(corpus, [song])
    model = models_of(run, song.row.fold)["joint"]
    components = divider(run, "sources", corpus, song)(model, wave)
    everything = components.render(torch.ones(1, components.count, dtype=torch.bool))
    torch.testing.assert_close(everything, model.frontend(wave[None]), atol=2e-3, rtol=0)


def test_a_job_that_is_not_done_is_named(run: DictConfig) -> None:
    """One line."""
    with pytest.raises(InputError, match=r"job songs/joint/7: not done"):
        audio_model(run, "songs/joint/7")


def test_explained_songs_are_listed(run: DictConfig) -> None:
    """In a table beside them."""
    songs = store(run).read()
    listed: Path = songs[0].folder.parent / "songs.csv"
    assert list(pd.read_csv(listed).song) == [song.row.song for song in songs]
