"""Explanations that can be listened to: what of a song raised a rating, and the rest."""

from collections.abc import Iterator
from pathlib import Path

from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.synthetic_music import NAME as SYNTHETIC
from earwitness.corpora.synthetic_music import RATE, sources
from earwitness.explain.explanation import Explanation
from earwitness.present import listen
from experiments.midlevel.answers import SCHEMES
from experiments.midlevel.explain import corpus_of, models_of, waves_of
from experiments.midlevel.figures import names
from reproduction.results import listening
from reproduction.results.listening import Listenable, Part
from reproduction.store import ExplainedClip


def write(cfg: DictConfig, shown: list[tuple[ExplainedClip, str]], results: Path) -> None:
    """Write the sounds of the first shown songs: the song, what raised the rating, and the rest.

    Each sound comes with the rating that the network gives to it. Of recordings of others nothing
    is written.
    """
    is_ours = corpus_of(cfg).name == SYNTHETIC
    chosen = shown[: cfg.figures.audible.songs] if is_ours else []
    entries = (entry for song, emotion in chosen for entry in of_song(cfg, song, emotion))
    listening.write(results, entries, RATE)


def of_song(cfg: DictConfig, song: ExplainedClip, emotion: str) -> Iterator[Listenable]:
    """The explanations of a song that leave something to hear, and what the networks make of it."""
    corpus = corpus_of(cfg)
    (wave,) = waves_of(corpus, [song])
    stems, _ = sources(corpus, song.row.file)
    for model, network in models_of(cfg, song.row.fold).items():
        for by in cfg.figures.audible.by:
            explanation = song.explanation(model, by, emotion)
            sounds = {"original": wave} | audible_parts(explanation, wave, stems)
            if len(sounds) > 1:
                yield Listenable(
                    name=f"{Path(song.row.file).stem}_{emotion}_{model}_{by}",
                    clip=Path(song.row.file).stem,
                    truth="a synthesised song",
                    model=SCHEMES[model],
                    method=f"{explanation.method} of {names.BY[by]}",
                    target=names.rating(emotion),
                    measure="rating",
                    explanation=explanation,
                    parts={
                        part: Part(sound, network.probability(sound, emotion))
                        for part, sound in sounds.items()
                    },
                )


def audible_parts(explanation: Explanation, wave: Tensor, stems: Tensor) -> dict[str, Tensor]:
    """What raised a rating, and the rest, `(samples,)` each; nothing where nothing did.

    Of sources these are mixtures of the `stems` `(sources, samples)`; of anything else, the `wave`
    with its volume turned.
    """
    if explanation.axes[0].name == "source":
        values = explanation.over("source").values
        split = [listen.mix_positive_sources(stems, sign * values) for sign in (1, -1)]
        parts = listen.SplitSound(*split).by_part()
    else:
        (axis,) = (axis.name for axis in explanation.axes if len(axis.values) > 1)
        parts = listen.split_by_relevance(explanation.over(axis), wave, RATE).by_part()
    return parts if parts["heard"].any() else {}
