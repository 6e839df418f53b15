"""Query a tagger about coalitions of the components of clips, and fit surrogates to its answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from earwitness.explain.model import AudioModel
from earwitness.explain.shapley import Shapley
from earwitness.models.taggers.published import RATE
from earwitness.randomness import generator
from experiments.audiolime.answers import Answers
from experiments.audiolime.music import Clip, clips_of, sources_of, tagger_of, track_of
from reproduction import config, sweep
from reproduction.csv_files import write_csv
from reproduction.store import ExplainedClip

CLIPS, TOP, HEARD, FEWER = "clips.csv", "top.csv", "heard.csv", "fewer.csv"
BATCH = 64
"""Coalitions in one batch of the tagger: fixed, for the same bytes everywhere."""
OTHER = "other"
"""The `fill` that takes the same part of another track."""

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class DividedClip:
    """One clip divided by one method, and a tagger that can be queried about its components.

    Attributes:
        clip: name, track and place of the clip.
        method: name of the method in the configuration.
        query: the components, and the tagger.
        target: index of the tag that is explained.
    """

    clip: Clip
    method: str
    query: ComponentQuery
    target: int


def train(cfg: DictConfig, job: sweep.Job) -> dict[str, Any]:
    """Explain the clips of a part of the music and return how many there were.

    Writes into the job's folder `clips.csv` (clip, file, speaker, start in samples, full, tag,
    probability), `top.csv` (does the tagger give the same tag to the k best components alone, or to
    others), `fewer.csv` (the same for the k best by fewer draws, of clips in full), `heard.csv`
    (its answers to the sounds that are written), and for each clip and method answers and sounds.
    """
    torch.set_num_threads(cfg.threads)
    corpus: Corpus = config.build(cfg.studies[job.study].corpus)
    model = tagger_of(cfg, job.model)
    clips = clips_of(cfg, job, corpus)
    tables: dict[str, list[Row]] = {CLIPS: [], TOP: [], FEWER: [], HEARD: []}
    for clip in clips:
        wave = clip.of(track_of(corpus, clip.file))
        names = {"clip": clip.name, "file": clip.file, "speaker": clip.speaker}
        target = model.predicted_class(wave)
        tables[CLIPS].append(names | clip_row(clip, model, wave, target))
        for method in methods_of(cfg.methods, corpus, clip):
            how = divider(cfg, job, corpus, clips, clip, method)
            query = ComponentQuery.of(model, wave, how, BATCH)
            by_table = explain_clip(cfg, job, DividedClip(clip, method, query, target))
            for name, rows in by_table.items():
                tables[name] += [names | {"method": method} | row for row in rows]
    for name, rows in tables.items():
        write_csv(job.folder / name, pd.DataFrame(rows))
    return {"clips": len(clips)}


def clip_row(clip: Clip, model: AudioModel, wave: Tensor, target: int) -> Row:
    """Where a clip `(samples,)` lies in its track, and the tag that is explained."""
    tag = {"tag": model.classes[target], "probability": model.probability(wave, target)}
    return {"start": clip.start, "full": clip.full} | tag


def explain_clip(cfg: DictConfig, job: sweep.Job, divided: DividedClip) -> dict[str, list[Row]]:
    """Write the answers and sounds of a clip; its rows of each table."""
    clip, method = divided.clip, divided.method
    stored = ExplainedClip(job.folder / clip.name, rate=RATE)
    answers = answers_of(cfg, job, divided)
    answers.write(stored, method)
    rows: dict[str, list[Row]] = {}
    if method in cfg.compared:
        values, top = answers.explanation.values.flatten(), cfg.top
        rows[TOP] = list(same_tag(divided, values, top.k, top.draws, cfg.seed))
        if clip.full:
            rows[FEWER] = list(by_fewer_draws(divided, answers, top.k, cfg.draws.fewest, cfg.seed))
    if method in cfg.listen.methods:
        rows[HEARD] = [write_sounds(stored, divided, answers, cfg.listen.k)]
    return rows


def methods_of(methods: DictConfig, corpus: Corpus, clip: Clip) -> list[str]:
    """Names of the methods that divide a clip: some only divide clips in full or need stems."""
    return [
        str(name)
        for name, method in methods.items()
        if (clip.full or method.where == "all")
        and (method.get("separator") != "true" or isinstance(corpus, StemCorpus))
    ]


def divider(
    cfg: DictConfig, job: sweep.Job, corpus: Corpus, clips: list[Clip], clip: Clip, method: str
) -> Divider:
    """How a method divides a clip.

    Raises:
        InputError: the separator is not trained, or the method needs stems that are not known.
    """
    settings, segments = cfg.methods[method], cfg.segments[job.model]
    if settings.by == "bands":
        return BandsXSegments(settings.bands, segments, fill=settings.fill, seed=cfg.seed)
    sources, names = sources_of(cfg, corpus, settings.separator, clip.file)
    fill: str | Tensor = settings.fill
    if fill == OTHER:
        others = [other for other in clips if other.file != clip.file]
        another = others[clips.index(clip) % len(others)]
        fill = another.of(sources_of(cfg, corpus, settings.separator, another.file)[0])
    return SourcesXSegments(clip.of(sources), names, segments, fill=fill, seed=cfg.seed)


def answers_of(cfg: DictConfig, job: sweep.Job, divided: DividedClip) -> Answers:
    """The surrogate of a clip, the answers it was fitted to, and Shapley values if configured."""
    query, settings = divided.query, cfg.methods[divided.method]
    in_full = divided.clip.full and divided.method in cfg.compared
    lime = Lime(draws=cfg.draws.full if in_full else cfg.draws[job.model], seed=cfg.seed)
    described = {"divided": divided.method, "segments": cfg.segments[job.model]}
    described |= {"fill": settings.fill} | plain_settings(lime)
    explanation = query.explain(lime, divided.target, "probability", described)
    game, count = query.game(divided.target), query.components.count
    drawn = lime.drawn(count)
    shapley = None
    if settings.get("shapley") and divided.clip.full:
        shapley = Shapley(draws=cfg.draws.shapley, seed=cfg.seed)(game, count).values
    mixture = query.components.mixture
    assert mixture is not None
    energy = mixture.parts.square().sum(1).double()
    return Answers(explanation, drawn, game(drawn), energy, shapley)


def same_tag(
    divided: DividedClip, values: Tensor, sizes: Sequence[int], draws: int, seed: int
) -> Iterator[Row]:
    """Which tag the k best components alone are given, and as many others (section 4).

    The k best have the largest `values` `(components,)`, changes of probability, above zero, k
    being each of `sizes`. `positive` are k others with values above zero, `random` k of all
    others, the mean of so many draws. As in the released experiment a clip without k further
    components above zero has no row.
    """
    query, target = divided.query, divided.target
    order = values.argsort(descending=True, stable=True)
    positive = int((values > 0).sum())
    for k in sizes:
        if positive < 2 * k:
            continue
        chosen = {"top": order[None, :k]}
        for arm, pool in (("positive", order[k:positive]), ("random", order[k:])):
            random = generator(seed, k, crc32(f"{divided.clip.name} {arm}".encode()))
            chosen[arm] = pool[torch.rand(draws, len(pool), generator=random).argsort(1)[:, :k]]
        for arm, indices in chosen.items():
            outputs = query.evaluate(masks_of(indices, len(values)))
            same = (outputs.argmax(1) == target).double().mean()
            probability = query.model.probabilities(outputs)[:, target].mean()
            yield {"k": k, "arm": arm, "same": float(same), "probability": float(probability)}


def by_fewer_draws(
    divided: DividedClip, answers: Answers, sizes: Sequence[int], fewest: int, seed: int
) -> Iterator[Row]:
    """Which tag the k best components are given, by the `fewest` draws, twice as many, ... all.

    Unlike in `same_tag` no clip is left out: numbers of draws are compared on the same clips.
    """
    lime, draws = Lime(seed=seed), fewest
    while draws <= len(answers.drawn):
        order = answers.fitted(lime, slice(draws)).values.argsort(descending=True, stable=True)
        best = torch.stack([masks_of(order[None, :k], len(order))[0] for k in sizes])
        same = divided.query.evaluate(best).argmax(1) == divided.target
        for k, is_same in zip(sizes, same.tolist(), strict=True):
            yield {"draws": draws, "k": k, "same": float(is_same)}
        draws *= 2


def masks_of(indices: Tensor, count: int) -> Tensor:
    """Masks `(n, count)`, bool, in which only the components `indices` `(n, k)` are on."""
    return torch.zeros(len(indices), count, dtype=torch.bool).scatter_(1, indices, True)


def write_sounds(stored: ExplainedClip, divided: DividedClip, answers: Answers, k: int) -> Row:
    """Write a clip, its k best components and the rest as sounds; the tagger's answers to each."""
    query = divided.query
    values = answers.explanation.values.flatten()
    best = values.topk(k).indices
    best = best[values[best] > 0]
    masks = masks_of(best[None], len(values))
    masks = torch.cat([torch.ones_like(masks), masks, ~masks])
    mixture = query.components.mixture
    assert mixture is not None
    for part, sound in zip(("original", "heard", "rest"), mixture(masks), strict=True):
        stored.write_wave(sound, f"{divided.method}_{part}")
    outputs = query.evaluate(masks)
    p, heard, rest = query.model.probabilities(outputs)[:, divided.target].tolist()
    same = bool(outputs[1].argmax() == divided.target)
    return {"p": p, "heard": heard, "rest": rest, "same_answer": same, "components": len(best)}
