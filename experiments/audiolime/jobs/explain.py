"""Ask a tagger about coalitions of the components of clips, and fit surrogates to its answers."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.corpora.corpus import Corpus
from earwitness.corpora.stems import StemCorpus
from earwitness.explain.components import BandsXSegments, Divider, SourcesXSegments
from earwitness.explain.explainers import ComponentQuery, plain_settings
from earwitness.explain.lime import Lime
from earwitness.explain.shapley import Shapley
from earwitness.models.taggers.published import RATE
from earwitness.randomness import generator
from earwitness.sound import audio
from experiments.audiolime.answers import Answers
from experiments.audiolime.music import Clip, clips_of, sources_of, tagger_of, track_of
from reproduction import config, sweep
from reproduction.csv_files import write_csv

CLIPS, TOP, HEARD, FEWER = "clips.csv", "top.csv", "heard.csv", "fewer.csv"
BATCH = 64
"""Coalitions that a tagger is query about at once: fixed, for the same bytes everywhere."""
OTHER = "other"
"""The "off" value that is the same part of another track."""


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Explain the clips of a part of the music and return how many they were.

    Leaves in the job's folder `clips.csv` (clip, file, speaker, start in samples, full, tag,
    probability), `top.csv` (does the tagger give the same tag when it hears the k best
    components alone, or others), `fewer.csv` (the same of the k best by fewer draws, of clips in
    full), `heard.csv` (what it says of what is made audible), and of each clip and method the
    answers and the sounds.
    """
    torch.set_num_threads(cfg.threads)
    corpus: Corpus = config.build(cfg.studies[job.study].corpus)
    model = tagger_of(cfg, job.model)
    clips = clips_of(cfg, job, corpus)
    kept: dict[str, list[dict[str, Any]]] = {CLIPS: [], TOP: [], FEWER: [], HEARD: []}
    for clip in clips:
        wave = clip.of(track_of(corpus, clip.file))
        target = model.predicted_class(wave)
        told = {"clip": clip.name, "file": clip.file, "speaker": clip.speaker}
        tag = {"tag": model.classes[target], "probability": model.probability(wave, target)}
        kept[CLIPS].append(told | {"start": clip.start, "full": clip.full} | tag)
        for method in methods_of(cfg, corpus, clip):
            query = ComponentQuery.of(model, wave, divider(cfg, job, corpus, clips, clip, method), BATCH)
            found = answered(cfg, job, clip, method, query, target)
            found.save(job.folder / clip.name / f"{method}.pt")
            if method in cfg.compared:
                rows = same_tag(cfg, clip, query, target, found.explanation.values.flatten())
                kept[TOP] += [told | {"method": method} | row for row in rows]
                rows = by_fewer_draws(cfg, query, target, found) if clip.full else iter(())
                kept[FEWER] += [told | {"method": method} | row for row in rows]
            if method in cfg.listen.methods:
                row = audible(cfg, job, clip, method, query, target, found)
                kept[HEARD].append(told | {"method": method} | row)
    for name, table in kept.items():
        write_csv(job.folder / name, pd.DataFrame(table))
    return {"clips": len(clips)}


def methods_of(cfg: DictConfig, corpus: Corpus, clip: Clip) -> list[str]:
    """Ways to divide a clip: some are for those in full alone, some need true stems."""
    return [
        name
        for name, method in cfg.methods.items()
        if (clip.full or method.where == "all")
        and (method.get("separator") != "true" or isinstance(corpus, StemCorpus))
    ]


def divider(
    cfg: DictConfig, job: sweep.Job, corpus: Corpus, clips: list[Clip], clip: Clip, method: str
) -> Divider:
    """How a clip is divided.

    Raises:
        InputError: the separator is not trained, or the method needs stems that are not known.
    """
    settings, segments = cfg.methods[method], cfg.segments[job.model]
    if settings.by == "bands":
        return BandsXSegments(settings.bands, segments, fill=settings.fill, seed=cfg.seed)
    sources, names = sources_of(cfg, corpus, settings.separator, clip.file)
    fill: str | Tensor = settings.fill
    if fill == OTHER:
        others = [each for each in clips if each.file != clip.file]
        another = others[clips.index(clip) % len(others)]
        fill = another.of(sources_of(cfg, corpus, settings.separator, another.file)[0])
    return SourcesXSegments(clip.of(sources), names, segments, fill=fill, seed=cfg.seed)


def answered(
    cfg: DictConfig, job: sweep.Job, clip: Clip, method: str, query: ComponentQuery, target: int
) -> Answers:
    """A surrogate and what it was fitted to; Shapley values of the same components beside it."""
    settings = cfg.methods[method]
    in_full = clip.full and method in cfg.compared
    draws = cfg.draws.full if in_full else cfg.draws[job.model]
    lime = Lime(draws=draws, seed=cfg.seed)
    told = {"divided": method, "segments": cfg.segments[job.model], "fill": settings.fill}
    explanation = query.explain(lime, target, "probability", told | plain_settings(lime))
    drawn = lime.drawn(query.components.count)
    shapley = None
    if settings.get("shapley") and clip.full:
        values = Shapley(draws=cfg.draws.shapley, seed=cfg.seed)
        shapley = values(query.game(target), query.components.count).values
    mixture = query.components.mixture
    assert mixture is not None
    energy = mixture.parts.square().sum(1).double()
    return Answers(explanation, drawn, query.game(target)(drawn), energy, shapley)


def same_tag(
    cfg: DictConfig, clip: Clip, query: ComponentQuery, target: int, values: Tensor
) -> Iterator[dict[str, Any]]:
    """Which tag the k best components alone are given, and as many others (section 4).

    The k best have the largest weights, `values` `(components,)`, above zero. `positive` are k
    others with weights above zero, `random` k of all others. As in the released experiment a clip
    without k further components above zero says nothing at that k.
    """
    order = values.argsort(descending=True, stable=True)
    positive = int((values > 0).sum())
    for k in cfg.top.k:
        if positive < 2 * k:
            continue
        draws = {"top": order[None, :k]}
        for arm, pool in (("positive", order[k:positive]), ("random", order[k:])):
            random = generator(cfg.seed, k, crc32(f"{clip.name} {arm}".encode()))
            chosen = torch.rand(cfg.top.draws, len(pool), generator=random).argsort(1)[:, :k]
            draws[arm] = pool[chosen]
        for arm, rows in draws.items():
            outputs = query.evaluate(only(rows, len(values)))
            same = (outputs.argmax(1) == target).double().mean()
            probability = query.model.probabilities(outputs)[:, target].mean()
            yield {"k": k, "arm": arm, "same": float(same), "probability": float(probability)}


def by_fewer_draws(
    cfg: DictConfig, query: ComponentQuery, target: int, found: Answers
) -> Iterator[dict[str, Any]]:
    """Which tag the k best components are given, by the first draws and by twice as many, to all.

    Unlike in `same_tag` no clip is left out: numbers of draws are compared on the same clips.
    """
    lime, draws = Lime(seed=cfg.seed), cfg.draws.fewest
    while draws <= len(found.drawn):
        order = found.fitted(lime, slice(draws)).values.argsort(descending=True, stable=True)
        best = torch.stack([only(order[None, :k], len(order))[0] for k in cfg.top.k])
        same = query.evaluate(best).argmax(1) == target
        for k, kept in zip(cfg.top.k, same.tolist(), strict=True):
            yield {"draws": draws, "k": k, "same": float(kept)}
        draws *= 2


def only(rows: Tensor, count: int) -> Tensor:
    """Masks `(n, count)` in which the components `(n, k)` alone are on."""
    return torch.zeros(len(rows), count, dtype=torch.bool).scatter_(1, rows, True)


def audible(
    cfg: DictConfig,
    job: sweep.Job,
    clip: Clip,
    method: str,
    query: ComponentQuery,
    target: int,
    found: Answers,
) -> dict[str, Any]:
    """Write the best components and the rest of a clip as sounds; what the tagger says of each."""
    values = found.explanation.values.flatten()
    best = values.topk(cfg.listen.k).indices
    best = best[values[best] > 0]
    masks = only(best[None], len(values))
    masks = torch.cat([torch.ones_like(masks), masks, ~masks])
    mixture = query.components.mixture
    assert mixture is not None
    for part, sound in zip(("original", "heard", "rest"), mixture(masks), strict=True):
        audio.write(job.folder / clip.name / f"{method}_{part}.wav", sound, RATE)
    outputs = query.evaluate(masks)
    p, heard, rest = query.model.probabilities(outputs)[:, target].tolist()
    same = bool(outputs[1].argmax() == target)
    return {"p": p, "heard": heard, "rest": rest, "same_answer": same, "components": len(best)}
