"""Is the planted cause found: `localisation.csv`, of songs that were synthesised.

Each tag of such a song has a known cause: one source during one passage. Each row is a clip, a
method that divides it and an explanation: surrogates of the same answers, Shapley values of the
same components, or the controls, loudness of components and random values. `auc_time` is the area
under the ROC curve of segments of time, summed over sources or bands, against the passage (Bolaños
et al. 2025); `auc` that of all components against the source during the passage, where components
are the sources of the song; `hit` says whether the best component is one of these; `r2` is the
surrogate's fidelity, the weighted share of the variance of answers that it explains.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import pandas as pd
import torch
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score
from torch import Tensor

from earwitness.corpora import synthetic_tags
from earwitness.explain.explanation import Explanation
from earwitness.explain.lime import Lime, LimeForest
from earwitness.judge.localisation import region_mask, shift_in_time
from earwitness.models.taggers.published import RATE
from earwitness.randomness import generator
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction import config
from reproduction.parallel import parallel_map
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "localisation"
SHAPLEY, LOUDNESS, RANDOM = "Shapley values", "loudness", "random"
FEWER = 4
"""The ridge regression is also fitted to one in so many draws, to see how that changes `r2`."""
COLUMNS = ["clip", "speaker", "tagger", "tag", "method", "explanation", "draws",
           "auc_time", "auc", "hit", "chance", "r2"]  # fmt: skip


class Item(NamedTuple):
    """One clip with the tag that is explained, divided by one method.

    `columns` name clip and method; `regions` are the passages that cause the tag, in s of the clip.
    """

    columns: dict[str, Any]
    clip_answers: Answers
    regions: pd.DataFrame


def main(cfg: DictConfig) -> None:
    """Compare the explanations of every clip that has its tag with the planted cause."""
    music = config.build(cfg.studies.music.corpus)
    rows: list[list[dict[str, Any]]] = []
    if music.name == synthetic_tags.NAME:
        regions = synthetic_tags.evidence(music.root)
        clips = answers.store(cfg).clips(answers.tables(cfg, CLIPS))
        items = [item for method in cfg.methods for item in with_cause(clips, regions, method)]
        work = partial(rows_of_clip, draws=cfg.draws, seed=cfg.seed)
        rows = parallel_map(work, items, cfg.processes, "localisation")
    checks.write(cfg, CHECK, pd.DataFrame(list(chain.from_iterable(rows)), columns=COLUMNS))


def with_most_draws(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each explanation with the most draws."""
    most = rows.groupby(["tagger", "method", "explanation"]).draws.transform("max")
    return rows[rows.draws == most]


def with_cause(
    clips: Iterable[ExplainedClip], regions: pd.DataFrame, method: str
) -> Iterator[Item]:
    """The clips whose tag has a cause in their song, which `regions` list in s of the song."""
    for clip, clip_answers in answers.each(clips, method):
        row = clip.row
        own = regions[(regions.file == row.file) & (regions.label == row.tag)]
        if len(own):
            columns = answers.clip_columns(clip) | {"tag": row.tag, "method": method}
            yield Item(columns, clip_answers, shift_in_time(own, -row.start / RATE))


def rows_of_clip(item: Item, draws: Mapping[str, int], seed: int) -> list[dict[str, Any]]:
    """One row for each explanation; `draws` are those of each tagger and of Shapley values."""
    columns, clip_answers, regions = item
    explanation = clip_answers.explanation
    passage = region_mask(explanation.axes[1:], regions)
    cause = passage & source_mask(explanation, regions.source.iloc[0])[:, None]
    numbers = int(draws[columns["tagger"]]), draws.get("shapley", 0)
    rows = []
    for name, count, values, r2 in explanations(clip_answers, *numbers, columns["clip"], seed):
        scores = localisation_scores(values.reshape(explanation.values.shape), passage, cause)
        rows.append(columns | {"explanation": name, "draws": count, "r2": r2} | scores)
    return rows


def source_mask(explanation: Explanation, source: str) -> Tensor:
    """Which entries of the first axis are `source`: `(sources,)` or `(bands,)`, bool."""
    labels = explanation.axes[0].labels or [""] * len(explanation.axes[0].values)
    return torch.tensor([label == source for label in labels])


def explanations(
    clip_answers: Answers, draws: int, shapley_draws: int, clip: str, seed: int
) -> Iterator[tuple[str, int, Tensor, float]]:
    """Name, number of draws, values `(components,)` and R^2 of each explanation of a clip.

    Values are changes of probability, energies of components, or random numbers in [0, 1).
    """
    ridge, forest = Lime(seed=seed), LimeForest(seed=seed)
    for surrogate, count in ((ridge, draws // FEWER), (ridge, draws), (forest, draws)):
        estimate = clip_answers.fitted(surrogate, slice(count))
        yield surrogate.name, count, estimate.values, estimate.notes["r2"]
    if clip_answers.shapley is not None:
        yield SHAPLEY, shapley_draws, clip_answers.shapley, float("nan")
    yield LOUDNESS, 0, clip_answers.energy, float("nan")
    random = torch.rand(len(clip_answers.energy), generator=generator(seed, crc32(clip.encode())))
    yield RANDOM, 0, random, float("nan")


def localisation_scores(values: Tensor, passage: Tensor, cause: Tensor) -> dict[str, float]:
    """How well values point to a passage and to a cause.

    Args:
        values: `(sources, segments)`, in any unit.
        passage: segments that lie in the passage, `(segments,)`, bool.
        cause: components that are the source during the passage, `(sources, segments)`, bool; none
            where components are no sources.
    """
    is_known = bool(cause.any())
    targets = cause if is_known else passage.expand_as(values)
    auc = float(roc_auc_score(cause.flatten(), values.flatten())) if is_known else float("nan")
    return {
        "auc_time": float(roc_auc_score(passage, values.sum(0))),
        "auc": auc,
        "hit": float(targets.flatten()[values.argmax()]),
        "chance": float(targets.double().mean()),
    }
