"""Does the tagger give the same tag to an explanation alone (the paper's figure 2)."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from omegaconf import DictConfig

from earwitness.judge.fidelity import MEASURES, fidelity
from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import FEWER, HEARD, TOP
from reproduction.results.means import means

PUBLISHED = Path(__file__).parents[1] / "published.yaml"
TAGGER_NAMES = {"fcn": "FCN", "samplecnn": "SampleCNN", "musicnn": "MusiCNN", "crnn": "CRNN"}
"""Display names of the taggers in claims and figures."""
AUDIOLIME, SLIME = "audioLIME", "SLIME"
POSITIVE, RANDOM = "random, positive weights", "random"
NAMES = {"audiolime": AUDIOLIME, "slime": SLIME}
"""Methods, as the paper calls them."""
ARMS = {"positive": POSITIVE, "random": RANDOM}
"""Whose components are drawn at random: of those that audioLIME gives a weight above zero, or of
all that are not its best."""


def scores(cfg: DictConfig) -> pd.DataFrame:
    """The tagger's answers: clip, speaker, tagger, k, explanation, same, probability.

    As in the paper, the random draws are those of audioLIME's components.
    """
    rows = answers.tables(cfg, TOP)
    best = rows[rows.arm == "top"].assign(explanation=lambda t: t.method.map(NAMES))
    drawn = rows[(rows.arm != "top") & (rows.method == "audiolime")]
    drawn = drawn.assign(explanation=drawn.arm.map(ARMS))
    return pd.concat([best, drawn], ignore_index=True)


def published() -> list[dict[str, Any]]:
    """The points of figure 2: tagger, explanation, k, and the share of snippets as `value`."""
    points: list[dict[str, Any]] = yaml.safe_load(PUBLISHED.read_text())["same_tag"]
    return points


def topk(cfg: DictConfig) -> pd.DataFrame:
    """Share of clips with the same tag by k, each on the clips that have 2k weights above zero."""
    return means(scores(cfg), ["tagger", "k", "explanation"], ["same", "probability"], cfg.seed)


def topk_by_draws(cfg: DictConfig) -> pd.DataFrame:
    """Share of clips in full with the same tag, by k and by the number of draws.

    `as_full` is the share of clips with the same answer as by all draws.
    """
    rows = answers.tables(cfg, FEWER)
    kinds = ["tagger", "method", "k"]
    full = rows[rows.draws == rows.draws.max()].set_index([*kinds, "clip"]).same
    keys = pd.MultiIndex.from_frame(rows[[*kinds, "clip"]])
    rows["as_full"] = (rows.same.to_numpy() == full.loc[keys].to_numpy()).astype(float)
    rows["method"] = rows.method.map(NAMES)
    return means(rows, [*kinds, "draws"], ["same", "as_full"], cfg.seed)


def on_the_same_clips(rows: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Two explanations side by side, on the clips that both have a row for.

    Returns:
        One row a clip and k: tagger, k, clip, speaker, and `same` of either, by its name.
    """
    chosen = rows[rows.explanation.isin([first, second])]
    kinds = ["tagger", "k", "clip", "speaker"]
    wide = chosen.pivot(index=kinds, columns="explanation", values="same")
    return wide.reindex(columns=[first, second]).dropna().reset_index()


def listening(cfg: DictConfig) -> pd.DataFrame:
    """The tagger's probabilities for the best components that became sound, and for the rest."""
    rows = answers.tables(cfg, HEARD)
    rows = pd.concat([rows, fidelity(rows)], axis=1)
    return means(rows, ["tagger", "method"], ["p", "heard", "rest", *MEASURES], cfg.seed)
