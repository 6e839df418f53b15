"""How the length of the occluded window changes explanations: `windows.csv`.

Each row is a clip, a length of window and a state: the `share` of what speaks for "abnormal" that
lies in the state, and `chance`, the state's share of the time. `alike` is the rank correlation with
GradientSHAP over bins of 100 ms. Whether a planted murmur is located is in `murmur.csv`.
"""

from collections.abc import Iterator
from itertools import chain

import pandas as pd
from omegaconf import DictConfig

from earwitness.judge.agreement import pairwise_rank_correlations
from earwitness.judge.states import state_shares
from experiments.heart.explain import RATE, states_of, store
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "windows"
OCCLUSION = r"occlusion_(\d+)ms"
"""Names of explainers that occlude windows, and how long these are."""
REFERENCE = "gradient_shap"
"""A method without windows."""


def main(cfg: DictConfig) -> None:
    """Compare the occlusions of every clip."""
    names = pd.Series(list(cfg.explain.explainers))
    lengths = names.str.extract(OCCLUSION)[0].dropna().astype(int)
    windows = dict(zip(names[lengths.index], lengths, strict=True))
    rows = chain.from_iterable(compared(clip, windows) for clip in store(cfg).read())
    checks.write(cfg, CHECK, pd.DataFrame(rows))


def compared(clip: ExplainedClip, windows: dict[str, int]) -> Iterator[dict[str, object]]:
    """The rows of a clip."""
    named = {name: getattr(clip.row, name) for name in ("clip", "speaker", "diagnosis", "right")}
    track = states_of(clip)
    reference = clip.explanation(REFERENCE)
    for method, window_ms in windows.items():
        explanation = clip.explanation(method)
        both = {method: explanation, REFERENCE: reference}
        ranks = pairwise_rank_correlations(both, len(track) / RATE).rank_correlation
        columns = named | {"window_ms": window_ms, "alike": float(ranks.iloc[0])}
        for row in state_shares(explanation, track, RATE).to_dict("records"):
            yield columns | {name: row[name] for name in ("state", "share", "chance")}
