"""What explanations say: which states speak for "abnormal", and whether methods agree."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.agreement import pairwise_rank_correlations, same_top_state
from earwitness.judge.states import relevance_per_state, state_shares
from earwitness.sound.heart_cycle import STATES
from experiments.heart.checks.murmur import NAMED
from experiments.heart.explain import RATE, methods, states_of
from reproduction.results.means import AS_MEAN, means
from reproduction.store import ExplainedClip

CHANNELS_SHARE = "segmentation channels"
"""What tables call the four rows of the states together, as a player against the sound."""
COUNTED = {"clips": "clip"}
"""What tables count of each kind of rows."""


def state_importance(cfg: DictConfig, explained: list[ExplainedClip]) -> pd.DataFrame:
    """Share of each state in what speaks for "abnormal", by method, diagnosis and right or wrong.

    Also the share of the four segmentation channels against the sound, where they are players.
    Clips in which nothing speaks for "abnormal" have no shares; `clips` counts those that have.
    """
    rows = pd.DataFrame(chain.from_iterable(shared(methods(cfg), clip) for clip in explained))
    kinds, plain = ["method", "diagnosis", "right", "state"], ["chance", "p_abnormal"]
    return means(rows.dropna(subset="share"), kinds, ["share"], cfg.seed, COUNTED, plain)


def shared(names: Sequence[str], clip: ExplainedClip) -> Iterator[dict[str, Any]]:
    """The shares in one clip, by every method that knows time or states."""
    named = {name: getattr(clip.row, name) for name in NAMED}
    for method in names:
        explanation = clip.explanation(method)
        for row in state_shares(explanation, states_of(clip), RATE).to_dict("records"):
            yield named | {"method": method} | row
        labels = explanation.axes[0].labels
        if len(labels) > len(STATES):
            positive = explanation.positive().values.double()
            channels = positive[[label not in STATES for label in labels]].sum()
            share = float(channels / positive.sum())
            channel_row = {"state": CHANNELS_SHARE, "share": share, "chance": np.nan}
            yield named | {"method": method} | channel_row


def agreement(cfg: DictConfig, explained: list[ExplainedClip]) -> pd.DataFrame:
    """How alike each two methods are: over bins of 100 ms, and in the state that has most."""
    rows = pd.concat([compared(methods(cfg), clip) for clip in explained], ignore_index=True)
    kinds = ["measure", "first", "second"]
    known = rows.dropna(subset="value").sort_values(kinds, kind="stable")
    return means(known, kinds, ["value"], cfg.seed, COUNTED).rename(columns=AS_MEAN)


def compared(names: Sequence[str], clip: ExplainedClip) -> pd.DataFrame:
    """One clip's rank correlations and agreements on the top state."""
    by_method = {method: clip.explanation(method) for method in names}
    in_time = {
        name: explanation
        for name, explanation in by_method.items()
        if "time" in [axis.name for axis in explanation.axes]
    }
    track = states_of(clip)
    ranked = pairwise_rank_correlations(in_time, len(track) / RATE)
    top = same_top_state(
        {name: relevance_per_state(it, track, RATE) for name, it in by_method.items()}
    )
    parts = [
        table.set_axis(["first", "second", "value"], axis=1).assign(measure=measure)
        for measure, table in (("rank correlation", ranked), ("same top state", top))
    ]
    return pd.concat(parts).assign(clip=clip.row.clip, speaker=clip.row.speaker)
