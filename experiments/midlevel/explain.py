"""Why networks rate songs as they do: Shapley values of parts of each song, for every rating.

As many coalitions are evaluated by the black box as by the network that explains itself. Of the
latter, mid-level features are explained as well: with the last layer's weights, what a part of the
sound does to them adds up to what it does to an emotion.
"""

from collections.abc import Iterable
from functools import partial

import pandas as pd
import torch
from omegaconf import DictConfig

from earwitness.corpora import synthetic_music
from earwitness.corpora.corpus import Corpus
from earwitness.corpora.soundtrack_tables import FeatureCorpus
from earwitness.errors import InputError
from earwitness.explain.components import Divider
from earwitness.explain.explainers import ComponentExplainer
from earwitness.explain.model import AudioModel
from earwitness.explain.shapley import Shapley
from earwitness.models.emotion import Columns
from experiments.midlevel.jobs.train import KINDS, Learner, seed_of, song_names
from reproduction import config, sweep
from reproduction.parallel import parallel_map, split_in_halves
from reproduction.store import ExplainedClip, Store

STUDY = "songs"
BATCH = 16
"""Coalitions in one batch of a network."""


def main(cfg: DictConfig) -> None:
    """Explain the chosen songs and list them in `songs.csv`."""
    sweep.require_finished(cfg)
    torch.set_num_threads(cfg.threads)
    listed = choose(cfg)
    parallel_map(
        partial(explain_part, cfg), parts(store(cfg).clips(listed)), cfg.processes, "explaining"
    )
    store(cfg).write_list(listed)


def store(cfg: DictConfig) -> Store:
    """The explained songs, whose rows `choose` describes; their keys are model, divider, rating."""
    folder = config.paper_folder(cfg, "runs") / "explanations"
    return Store(folder, ("song",), cfg.studies[STUDY].rate, "songs.csv")


def choose(cfg: DictConfig) -> pd.DataFrame:
    """Songs to explain: test songs with rated emotions, drawn at random.

    Returns:
        Rows in the order of their names: song, file, speaker, and fold, the first whose networks
        were not trained on the song.
    """
    answers = sweep.predictions(cfg)
    tested = answers[(answers.part == "test") & (answers.kind == "emotions")]
    rated = tested.dropna(subset="rated").sort_values("fold").drop_duplicates("song")
    drawn = rated.sample(min(cfg.explain.songs, len(rated)), random_state=cfg.seed)
    columns = ["song", "file", "speaker", "fold"]
    return drawn[columns].sort_values("song").reset_index(drop=True)


def parts(songs: list[ExplainedClip]) -> list[list[ExplainedClip]]:
    """Songs by the networks that explain them, each part in two for two cores."""
    folds = sorted({song.row.fold for song in songs})
    return split_in_halves([song for song in songs if song.row.fold == fold] for fold in folds)


def explain_part(cfg: DictConfig, songs: list[ExplainedClip]) -> None:
    """Explain songs that the same networks were tested on."""
    corpus = corpus_of(cfg)
    models = models_of(cfg, songs[0].row.fold)
    waves = waves_of(corpus, songs)
    for song, wave in zip(songs, waves, strict=True):
        for by in cfg.explain.by:
            explainer = ComponentExplainer(
                divider(cfg, by, corpus, song), Shapley(draws=cfg.explain.draws), BATCH, "output"
            )
            for name, model in models.items():
                for explanation in explainer.explain_each(model, wave, range(len(model.classes))):
                    song.write_explanation(explanation, name, by, explanation.target)


def corpus_of(cfg: DictConfig) -> Corpus:
    """The corpus of the songs."""
    corpus: Corpus = config.build(cfg.studies[STUDY].corpus)
    return corpus


def waves_of(corpus: Corpus, songs: Iterable[ExplainedClip]) -> list[torch.Tensor]:
    """Each song as the input of networks, `(samples,)`, or its features, `(features,)`."""
    rows = pd.Series(corpus.records.index, index=song_names(corpus.records))
    return corpus.waves(pd.Index(rows[[song.row.song for song in songs]]))


def divider(cfg: DictConfig, by: str, corpus: Corpus, song: ExplainedClip) -> Divider:
    """How a song is divided, with what only the song or its corpus knows."""
    built = config.build(cfg.explain.dividers[by])
    if by == "sources":
        sources, names = synthetic_music.sources(corpus, song.row.file)
        built = built(sources=sources, names=names)
    if by == "features":
        assert isinstance(corpus, FeatureCorpus)
        built = built(names=corpus.features)
    divider: Divider = built
    return divider


def models_of(cfg: DictConfig, fold: int) -> dict[str, AudioModel]:
    """The networks that are explained, of one fold or run."""
    return {name: audio_model(cfg, f"{STUDY}/{name}/{fold}") for name in cfg.explain.models}


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The trained network of the job `study/model/fold`; its classes are its ratings.

    Raises:
        InputError: there is no such job, or it is not done.
    """
    job = sweep.job(cfg, name)
    if job.done() is None:
        raise InputError(f"job {name}: not done; run `make {cfg.paper.name}` first")
    study = cfg.studies[job.study]
    learner: Learner = config.build(cfg.models[job.model])
    sizes = {kind: len(study[kind]) for kind in KINDS}
    network = learner.load(sizes, seed_of(cfg, job), job.folder).network
    bottleneck = hasattr(network, "midlevel")
    ratings = [*(study.midlevel if bottleneck else []), *study.emotions]
    return AudioModel(
        Columns(network), ratings, study.rate, frontend=learner.frontend, activation="rating"
    ).eval()
