"""Is a planted murmur found: `murmur.csv`, only of hearts that were synthesised.

Each row is a clip with a murmur and a method. `hit` says whether what speaks most for "abnormal",
the bin of 100 ms or the state, is the murmur's; `share` is the part of all that speaks for it that
lies there; `chance` is the mean score of random values. The method `energy` is
the control: the loudness of the sound.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor

from earwitness.explain.bins import binned, equal_bins
from earwitness.explain.explanation import Axis, Explanation
from earwitness.judge import localisation
from earwitness.judge.agreement import BIN_S
from earwitness.judge.states import relevance_per_state
from earwitness.sound.heart_cycle import STATES
from experiments.heart.explain import RATE, methods, states_of, store
from reproduction.results import checks
from reproduction.store import ExplainedClip

CHECK = "murmur"
CONTROL = "energy"
NAMED = ("clip", "speaker", "diagnosis", "right", "p_abnormal")
"""Columns that describe the clip of a row."""
COLUMNS = [*NAMED, "method", "hit", "share", "chance"]


def main(cfg: DictConfig) -> None:
    """Look for the murmur in every explanation of a clip that has one."""
    rows = chain.from_iterable(murmur_rows(methods(cfg), clip) for clip in store(cfg).read())
    checks.write(cfg, CHECK, pd.DataFrame(rows, columns=COLUMNS))


def murmur_rows(method_keys: Sequence[str], clip: ExplainedClip) -> Iterator[Mapping[str, object]]:
    """One row a method; none for a clip without a murmur."""
    planted = clip.evidence()
    if planted.empty:
        return
    columns = {name: getattr(clip.row, name) for name in NAMED}
    bins = equal_bins(len(clip.wave()) / RATE, BIN_S)
    middles = (bins[1:] + bins[:-1]) / 2
    inside = localisation.region_mask([Axis("time", "s", middles)], planted)
    for method in method_keys:
        explanation = clip.explanation(method)
        if explanation.axes[0].labels:
            states = states_of(clip)
            values = relevance_per_state(explanation, states, RATE)
            yield columns | {"method": method} | judged(values, murmur_s_state(states, planted))
        else:
            yield columns | {"method": method} | judged(over_bins(explanation, bins), inside)
    yield columns | {"method": CONTROL} | judged(energy(clip.wave(), len(inside)), inside)


def over_bins(explanation: Explanation, bins: Tensor) -> Tensor:
    """Positive relevance `(bins,)` for "abnormal" between edges `bins` `(bins + 1,)`, in s."""
    return binned(explanation, bins).positive().values


def murmur_s_state(track: Tensor, planted: pd.DataFrame) -> Tensor:
    """Which state of a `track` `(samples,)` most of the murmur lies in: `(states,)`, bool."""
    time = Axis("time", "s", torch.arange(len(track)) / RATE)
    during = track[localisation.region_mask([time], planted)]
    lasting = during.bincount(minlength=len(STATES) + 1)[1:]
    return torch.arange(len(STATES)) == lasting.argmax()


def energy(wave: Tensor, bins: int) -> Tensor:
    """Energy (squared amplitude) of a wave `(samples,)` in equal bins of time: `(bins,)`."""
    return torch.stack([part.square().sum() for part in wave.tensor_split(bins)])


def judged(values: Tensor, inside: Tensor) -> dict[str, float]:
    """Whether the largest of `(parts,)` is `inside`, the share that is, and chance.

    Where nothing speaks for the class nothing is hit, and there is no share.
    """
    return {
        "hit": float(inside[values.argmax()] and values.max() > 0),
        "share": localisation.relevance_mass(values, inside),
        "chance": localisation.chance_level(inside),
    }
