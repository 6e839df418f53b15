"""The positive relevance of each state of the cardiac cycle."""

import pandas as pd
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.bins import binned
from earwitness.explain.explanation import Explanation
from earwitness.sound.heart_cycle import STATES


def relevance_per_state(explanation: Explanation, track: Tensor, rate: int) -> Tensor:
    """The positive relevance of each state of the cardiac cycle.

    An explanation over time is summed over its other axes, rectified, and summed over the time of
    each state; time of an unknown state is left out. An explanation whose components are the
    states has one value for each already.

    Args:
        explanation: with an axis "time" in s, or with one axis whose labels include all states.
        track: the state at each sample `(samples,)`, counted from 1, 0 where it is unknown.
        rate: of the track, in Hz.

    Returns:
        float64 `(states,)`, not negative, in the explanation's unit, in the order of `STATES`.

    Raises:
        InputError: the explanation has neither.
    """
    labels = [axis.labels for axis in explanation.axes]
    if len(labels) == 1 and set(STATES) <= set(labels[0]):
        places = [labels[0].index(state) for state in STATES]
        return explanation.positive().values[places].double()
    if all(axis.name != "time" for axis in explanation.axes):
        raise InputError(
            f"{explanation.method}: has neither time nor states among its components; "
            "choose a method that has either"
        )
    edges = torch.arange(len(track) + 1, dtype=torch.float64) / rate
    samples = binned(explanation.over_time().positive(), edges).values
    return torch.zeros(len(STATES) + 1, dtype=torch.float64).index_add(0, track, samples)[1:]


def state_shares(explanation: Explanation, track: Tensor, rate: int) -> pd.DataFrame:
    """How the positive relevance is distributed among the states, and how it would be by chance.

    A state that lasts longer has more by chance; `density` is its relevance in proportion to its
    duration.

    Args:
        explanation: as of `relevance_per_state`.
        track: the state at each sample `(samples,)`, counted from 1, 0 where it is unknown.
        rate: of the track, in Hz.

    Returns:
        One row a state: `state`; `share` in [0, 1], NaN if no relevance is positive; `chance`, the
        state's share of the known time; `density`, their ratio: 1 is chance, NaN for a state that
        the track does not have.

    Raises:
        InputError: as `relevance_per_state`.
    """
    relevance = relevance_per_state(explanation, track, rate)
    samples = track.bincount(minlength=len(STATES) + 1)[1:].double()
    share, chance = relevance / relevance.sum(), samples / samples.sum()
    density = (share / chance).where(samples > 0, torch.nan)
    return pd.DataFrame(
        {"state": STATES, "share": share, "chance": chance, "density": density},
    )
