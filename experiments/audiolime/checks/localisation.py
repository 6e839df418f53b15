"""Is the planted cause found: `localisation.csv`, of songs that were synthesised.

Each tag of such a song has a known cause: one source during one passage. Each row is a clip, a way
to divide it and an explanation: surrogates of the same answers, Shapley values of the same
components, or the controls, the loudness of components and a draw at random. `auc_time` is the area
under the ROC curve of segments of time, added up over sources or bands, against the passage
(Bolaños et al. 2025); `auc` that of all components against the source during the passage, where
sources are those of the song; `hit` says whether the best component is one of these; `r2` is the
surrogate's fidelity, the weighted share of the variance of answers that it explains.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any
from zlib import crc32

import pandas as pd
import torch
from omegaconf import DictConfig
from sklearn.metrics import roc_auc_score
from torch import Tensor

from earwitness.corpora import synthetic_tags
from earwitness.explain.explanation import Explanation
from earwitness.explain.lime import Lime, LimeForest
from earwitness.judge.localisation import region_mask
from earwitness.models.taggers.published import RATE
from earwitness.randomness import generator
from experiments.audiolime import answers
from experiments.audiolime.answers import Answers
from experiments.audiolime.jobs.explain import CLIPS
from reproduction import config
from reproduction.parallel import each
from reproduction.results import checks

CHECK = "localisation"
SHAPLEY, LOUDNESS, RANDOM = "Shapley values", "loudness", "random"
FEW = 4
"""The ridge regression is also fitted to one in so many draws, for what fidelity says of them."""
COLUMNS = ["clip", "speaker", "tagger", "tag", "method", "explanation", "draws",
           "auc_time", "auc", "hit", "chance", "r2"]  # fmt: skip

Judged = tuple[dict[str, Any], Answers, pd.DataFrame]


def main(cfg: DictConfig) -> None:
    """Look for the cause of the tag of every clip that has it."""
    music = config.build(cfg.studies.music.corpus)
    rows: list[list[dict[str, Any]]] = []
    if music.name == synthetic_tags.NAME:
        regions = synthetic_tags.evidence(music.root)
        clips = answers.tables(cfg, CLIPS)
        asked = [
            judged for method in cfg.methods for judged in present(cfg, clips, regions, method)
        ]
        rows = each(partial(of_clip, cfg), asked, cfg.processes, "looking for causes")
    checks.write(cfg, CHECK, pd.DataFrame(list(chain.from_iterable(rows)), columns=COLUMNS))


def with_most_draws(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each explanation the rows with the most draws."""
    most = rows.groupby(["tagger", "method", "explanation"]).draws.transform("max")
    return rows[rows.draws == most]


def present(
    cfg: DictConfig, clips: pd.DataFrame, regions: pd.DataFrame, method: str
) -> Iterator[Judged]:
    """Clips whose tag is in the song, with where its cause lies in the clip."""
    for row, found in answers.each(cfg, clips, method):
        here = regions[(regions.file == row.file) & (regions.label == row.tag)].copy()
        here[["onset_s", "offset_s"]] -= row.start / RATE
        told = {"clip": row["clip"], "speaker": row.speaker, "tagger": row.tagger, "tag": row.tag}
        if len(here):
            yield told | {"method": method}, found, here


def of_clip(cfg: DictConfig, judged: Judged) -> list[dict[str, Any]]:
    """One row an explanation."""
    told, found, region = judged
    explanation = found.explanation
    shape = explanation.values.shape
    passage = region_mask(explanation.axes[1:], region)
    cause = passage & source_mask(explanation, region.source.iloc[0])[:, None]
    rows = []
    for name, draws, values, r2 in explanations(cfg, told["tagger"], told["clip"], found):
        scores = scored(values.reshape(shape), passage, cause)
        rows.append(told | {"explanation": name, "draws": draws, "r2": r2} | scores)
    return rows


def source_mask(explanation: Explanation, source: str) -> Tensor:
    """Which entries of the first axis are the source `(sources,)`; none of bands, or of others."""
    labels = explanation.axes[0].labels or [""] * len(explanation.axes[0].values)
    return torch.tensor([label == source for label in labels])


def explanations(
    cfg: DictConfig, tagger: str, clip: str, found: Answers
) -> Iterator[tuple[str, int, Tensor, float]]:
    """Name, draws, values `(components,)` and fidelity of each explanation of the same answers."""
    most = int(cfg.draws[tagger])
    ridge, forest = Lime(seed=cfg.seed), LimeForest(seed=cfg.seed)
    for surrogate, draws in ((ridge, most // FEW), (ridge, most), (forest, most)):
        estimate = found.fitted(surrogate, slice(draws))
        yield surrogate.name, draws, estimate.values, estimate.notes["r2"]
    if found.shapley is not None:
        yield SHAPLEY, cfg.draws.shapley, found.shapley, float("nan")
    yield LOUDNESS, 0, found.energy, float("nan")
    random = torch.rand(len(found.energy), generator=generator(cfg.seed, crc32(clip.encode())))
    yield RANDOM, 0, random, float("nan")


def scored(values: Tensor, passage: Tensor, cause: Tensor) -> dict[str, float]:
    """How well values `(sources, segments)` point to a passage `(segments,)` and to a cause."""
    known = bool(cause.any())
    within = cause if known else passage.expand_as(values)
    return {
        "auc_time": float(roc_auc_score(passage, values.sum(0))),
        "auc": float(roc_auc_score(cause.flatten(), values.flatten())) if known else float("nan"),
        "hit": float(within.flatten()[values.argmax()]),
        "chance": float(within.double().mean()),
    }
