"""In which state of the heart's cycle lies what speaks for a class."""

import pandas as pd
import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.bins import binned
from earwitness.explain.explanation import Explanation
from earwitness.sound.heart_cycle import STATES


def relevance_per_state(explanation: Explanation, track: Tensor, rate: int) -> Tensor:
    """What speaks for the class in each state.

    Of an explanation over time, the part above zero, as it is after summing over all other axes;
    time of an unknown state counts for none. One whose components are the states has it in them.

    Args:
        explanation: with an axis "time", or with one of components among which all states are.
        track: the state at each sample `(samples,)`, counted from 1, 0 where it is unknown.
        rate: of the track, in Hz.

    Returns:
        `(states,)`, not negative, in the order of `earwitness.sound.heart_cycle.STATES`.

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
    """How what speaks for the class is shared among the states, and how chance would share it.

    A state that lasts longer has more by chance, and has it all the same; `density` says how much
    it has for its length.

    Args:
        explanation: as of `relevance_per_state`.
        track: the state at each sample `(samples,)`, counted from 1, 0 where it is unknown.
        rate: of the track, in Hz.

    Returns:
        One row a state: `state`; `share` in [0, 1], NaN if nothing speaks for the class; `chance`,
        the state's share of the known time; `density`, their ratio: 1 is chance, NaN for a state
        that the track does not have.

    Raises:
        InputError: as `relevance_per_state`.
    """
    found = relevance_per_state(explanation, track, rate)
    lasting = track.bincount(minlength=len(STATES) + 1)[1:].double()
    share, chance = found / found.sum(), lasting / lasting.sum()
    density = (share / chance).where(lasting > 0, torch.nan)
    return pd.DataFrame(
        {"state": STATES, "share": share, "chance": chance, "density": density},
    )
